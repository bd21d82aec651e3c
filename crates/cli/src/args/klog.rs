//! Flags of the log library that upstream uses. There is no log here to steer: they are taken, so
//! that scripts which give them go on to work.

use clap::Args;

use super::Given;

/// Taken and ignored.
#[derive(Debug, Args)]
pub(crate) struct Ignored {
    #[arg(long, short = 'v', hide = true, allow_hyphen_values = true)]
    v: Given,
    #[arg(long, hide = true)]
    vmodule: Given,
    #[arg(long, hide = true)]
    logtostderr: bool,
    #[arg(long, hide = true)]
    alsologtostderr: bool,
    #[arg(long, hide = true, allow_hyphen_values = true)]
    alsologtostderrthreshold: Given,
    #[arg(long, hide = true)]
    legacy_stderr_threshold_behavior: bool,
    #[arg(long, hide = true, allow_hyphen_values = true)]
    stderrthreshold: Given,
    #[arg(long, hide = true)]
    log_dir: Given,
    #[arg(long, hide = true)]
    log_file: Given,
    #[arg(long, hide = true)]
    log_file_max_size: Given,
    #[arg(long, hide = true)]
    log_backtrace_at: Given,
    #[arg(long, hide = true)]
    add_dir_header: bool,
    #[arg(long, hide = true)]
    one_output: bool,
    #[arg(long, hide = true)]
    skip_headers: bool,
    #[arg(long, hide = true)]
    skip_log_headers: bool,
}
