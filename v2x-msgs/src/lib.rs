//! v2x-msgs
