//! Builds the Go program into the user's cache folder, once for each state of its sources.

use std::env;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::renderer::Renderer;
use crate::{Context, Error, Result};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../go-template");

/// Go's text/template with Sprig.
///
/// # Errors
/// When it has to be built first and cannot be.
pub fn renderer() -> Result<Renderer> {
    Ok(Renderer::new(program()?, &[]).with("ZONEINFO", zones()?))
}

/// Go's own time zones: those of the machine would make each a measure of its own.
fn zones() -> Result<PathBuf> {
    let root = go(Path::new(SOURCE), &["env", "GOROOT"])?;
    Ok(Path::new(root.trim()).join("lib/time/zoneinfo.zip"))
}

/// The program, built when it is missing.
///
/// # Errors
/// When the build fails, for want of Go or of the internet.
pub fn program() -> Result<PathBuf> {
    let source = Path::new(SOURCE);
    let folder = cache()?.join("sealwright").join("go-template");
    fs::create_dir_all(&folder).context(|| format!("cannot create {}", folder.display()))?;
    let program = folder.join(format!("go-template-{:016x}", state(source)?));
    if program.is_file() {
        return Ok(program);
    }
    let lock = File::create(folder.join(".lock")).context(|| "cannot lock the cache".into())?;
    lock.lock().context(|| "cannot lock the cache".into())?;
    if !program.is_file() {
        build(source, &program)?;
    }
    Ok(program)
}

/// Changes with the sources and with the version of Go.
fn state(source: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    let step = || format!("cannot read {}", source.display());
    let files = fs::read_dir(source).context(step)?;
    let mut paths = files
        .map(|file| file.map(|file| file.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .context(step)?;
    paths.sort();
    for path in paths {
        fs::read(&path).context(|| format!("cannot read {}", path.display()))?.hash(&mut hasher);
    }
    go(source, &["env", "GOVERSION"])?.hash(&mut hasher);
    Ok(hasher.finish())
}

/// Position-independent, so that an address that shows in what is rendered differs each time.
fn build(source: &Path, program: &Path) -> Result<()> {
    let partial = program.with_extension("partial");
    let output = partial.to_str().ok_or_else(|| Error::new("the cache folder is not UTF-8"))?;
    let flags = ["-buildvcs=false", "-trimpath", "-buildmode=pie", "-ldflags=-s -w"];
    go(source, &[&["build"], &flags[..], &["-o", output, "."]].concat())?;
    fs::rename(&partial, program).context(|| format!("cannot make {}", program.display()))
}

fn go(source: &Path, arguments: &[&str]) -> Result<String> {
    let ran = Command::new("go")
        .args(arguments)
        .current_dir(source)
        .env("CGO_ENABLED", "0")
        .stdin(Stdio::null())
        .output()
        .context(|| "cannot run go (install Go 1.26 or newer: https://go.dev/dl)".into())?;
    if ran.status.success() {
        return Ok(String::from_utf8_lossy(&ran.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    Err(Error::new(format!("go {} failed ({})\n{}", arguments[0], ran.status, said.trim_end())))
}

fn cache() -> Result<PathBuf> {
    // The XDG specification wants a relative path ignored.
    let named = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    named
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .ok_or_else(|| Error::new("no home folder to keep what is built: set XDG_CACHE_HOME"))
}
