//! Which mode runs: the first that applies, in upstream's order of precedence.

use crate::args::Args;
use crate::command;
use crate::error::Result;
use crate::output::Output;

pub(crate) fn run(args: &Args) -> Result<()> {
    let output = Output::choose(args)?;
    if args.version {
        output.write(&format!("kubeseal version: v{}\n", env!("CARGO_PKG_VERSION")))
    } else if args.recovery_unseal {
        command::recover::run(args, &output)
    } else if args.validate {
        command::validate::run(args)
    } else if args.seals_anew() {
        command::reencrypt::run(args, &output)
    } else if args.fetch_cert {
        command::fetch_cert::run(args, &output)
    } else if args.merge_into.text().is_some() {
        command::merge::run(args, &output)
    } else if args.raw {
        command::raw::run(args, &output)
    } else {
        command::seal::run(args, &output)
    }
}
