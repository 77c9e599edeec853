//! clearance-server
