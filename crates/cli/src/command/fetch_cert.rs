//! The controller's certificate, as it comes.

use crate::args::Args;
use crate::certificate;
use crate::error::Result;
use crate::output::Output;

pub(crate) fn run(args: &Args, output: &Output) -> Result<()> {
    output.write(&certificate::fetch(&args.cert, &args.cluster)?)
}
