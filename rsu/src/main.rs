//! rsu
fn main() {}
