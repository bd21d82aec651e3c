//! The programs under test, where cargo puts them.

use std::path::PathBuf;

use crate::{Context, Error, Result};

/// The program `name` beside the test (`target/<profile>/deps/…`).
///
/// # Errors
/// When it is not there.
pub fn built(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context(|| "cannot find this program")?;
    let program = own.ancestors().skip(1).take(2).map(|folder| folder.join(name));
    program.clone().find(|path| path.is_file()).ok_or_else(|| {
        let places: Vec<_> = program.map(|path| path.display().to_string()).collect();
        Error::new(format!("no program {}", places.join(" nor ")))
            .hint(format!("cargo build --bin {name}"))
    })
}
