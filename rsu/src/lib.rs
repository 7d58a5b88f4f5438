//! rsu
