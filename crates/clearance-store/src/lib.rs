//! clearance-store
