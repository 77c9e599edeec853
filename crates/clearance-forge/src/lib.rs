//! clearance-forge
