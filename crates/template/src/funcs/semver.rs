//! Sprig's functions on semantic versions.

use Type::{Bool, Text};

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::semver::{self, Constraints, Version};
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("semver", &[Text], Type::Object(&semver::POINTER), parse),
    Function::new("semverCompare", &[Text, Text], Bool, compare),
];

fn parse(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Version::parse(context, args.text(0)).map(semver::pointer)
}

fn compare(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let constraints = Constraints::parse(context, args.text(0))?;
    let version = Version::parse(context, args.text(1))?;
    Ok(constraints.check(context, &version)?.into())
}
