//! Files of a run for other programs: Parquet, MCAP, ASAM OSI, CSV. No clock time is in any of them, so the same seed gives the
//! same bytes.

pub mod foxglove;
pub mod osi;
pub mod parquet;
pub mod steps;
mod thrift;
pub mod trajectory;

use std::fs::File;
use std::io;
use std::path::Path;

/// Creates a file and the folders above it.
///
/// # Errors
/// When it cannot be made; the text names it.
pub fn create(path: &Path) -> io::Result<File> {
    let named = |e: io::Error| io::Error::new(e.kind(), format!("cannot write {}: {e}", path.display()));
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(named)?;
    }
    File::create(path).map_err(named)
}
