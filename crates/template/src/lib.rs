//! Go's text/template with Sprig's functions, for the values of a Secret.
//!
//! ```
//! # use sealwright_template::{NoRandomness, Template, Timestamp, World};
//! # struct Still;
//! # impl World for Still {
//! #     fn now(&mut self) -> Timestamp { Timestamp { seconds: 0, nanoseconds: 0 } }
//! #     fn random(&mut self, _: &mut [u8]) -> Result<(), NoRandomness> { Err(NoRandomness) }
//! # }
//! let template = Template::parse("url", "postgres://{{ .user | urlquery }}@{{ .host }}/")?;
//! let data = [("user", "a b"), ("host", "db")].map(|(k, v)| (k.to_owned(), v.into())).into();
//! assert_eq!(template.render(&data, &mut Still)?, b"postgres://a+b@db/");
//! # Ok::<(), sealwright_template::TemplateError>(())
//! ```
//!
//! What a template renders is what Go 1.26 with Sprig 3.3.0 renders, byte for byte;
//! `COMPATIBILITY.md` beside this crate lists where it is not. Time and randomness come from the
//! caller ([`World`]); there is no other way to the outside. A template that asks for too much ends
//! with an error, never with a crash, however it is written: parsing takes time in proportion to the
//! text, and rendering pays for each operation, and for what it holds, before it goes on. Errors
//! ([`TemplateError`]) say what failed and where, and never hold a value: values are secrets. Texts
//! of more than 22 bytes are wiped when they are let go.
//!
//! # A tour
//!
//! A text is cut into tokens (`lexer`) and compiled (`parser`) into a flat list of operations
//! (`program`), which a machine runs (`exec`) with stacks of its own. It works on Go's typed values
//! (`value`), prints them as `fmt` does (`printf`) and calls functions (`funcs`, with a table in
//! each file). What Go's own packages do is in a module for each: `goregex`, `gotime`, `gourl`,
//! and `semver` for Masterminds' versions. `limits` says what one render may take, and `context`
//! keeps the account of it.

mod context;
mod error;
mod exec;
mod funcs;
mod goregex;
mod gotime;
mod gourl;
mod lexer;
mod limits;
mod number;
mod parser;
mod printf;
mod program;
mod quote;
mod semver;
mod template;
mod unicode;
mod value;

pub use context::{Budget, NoRandomness, Timestamp, World};
pub use error::{ErrorKind, TemplateError};
pub use template::Template;
