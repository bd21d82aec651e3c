//! `create docker-registry`: what pulls images, made of a user name and a password that is no
//! argument, or taken out of a file that `docker login` wrote.

use clap::Args;

use super::file_source::FileSource;
use super::flags::Flags;
use super::values::Values;
use super::{CONTENT, docker_config};
use crate::args::Given;
use crate::error::{Error, Result};
use crate::verb::item::Item;
use crate::verb::{Ending, secret_type};

/// Key of a Secret of that type.
const KEY: &str = ".dockerconfigjson";

/// Which registry, and who logs in.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kubeseal create docker-registry reg --docker-server=ghcr.io --docker-username=me
  kubeseal create docker-registry reg --from-file=.dockerconfigjson=config.json")]
pub(crate) struct DockerRegistry {
    #[command(flatten)]
    flags: Flags,

    /// Address of the registry
    #[arg(
        long,
        value_name = "HOST",
        default_value = "https://index.docker.io/v1/",
        help_heading = CONTENT
    )]
    docker_server: String,

    /// Name of the user
    #[arg(long, value_name = "NAME", help_heading = CONTENT)]
    docker_username: Given,

    /// Password: @FILE reads a file, - standard input; asked for, if it is not given
    #[arg(long, value_name = "@FILE|-", help_heading = CONTENT)]
    docker_password: Given,

    /// Address of the user, which registries do not ask for any more
    #[arg(long, value_name = "ADDRESS", help_heading = CONTENT)]
    docker_email: Given,

    /// A file that docker login wrote, instead of all that
    #[arg(
        long,
        value_name = "[.dockerconfigjson=]FILE",
        help_heading = CONTENT
    )]
    from_file: Vec<String>,
}

impl DockerRegistry {
    pub(super) fn run(&self) -> Result<Ending> {
        let files = FileSource::parse_all(&self.from_file)?.into_iter();
        let files: Vec<_> = files.map(|file| file.keyed(KEY)).collect();
        match (files.is_empty(), self.docker_username.text()) {
            (true, Some(user)) => self.made(user),
            (true, None) => Err(Error::usage("who logs in?")
                .hint("give --docker-username, or --from-file with what docker login wrote")),
            (false, None) if self.docker_password.text().is_none() => {
                self.flags.create(Some(secret_type::DOCKER_CONFIG_JSON), || {
                    let mut values = Values::default();
                    files.iter().try_for_each(|file| file.add_to(&mut values))?;
                    Ok(values)
                })
            }
            (false, _) => Err(Error::usage("--from-file has user and password in it")
                .hint("give either that, or --docker-username and --docker-password")),
        }
    }

    fn made(&self, user: &str) -> Result<Ending> {
        let password = self.docker_password.text();
        let password = Item::of_flag("the password", "docker-password", password)?;
        if user.contains(':') {
            return Err(Error::usage("the name of a user cannot have a : in it")
                .hint("the password stands behind the first :"));
        }
        if self.docker_server.trim().is_empty() {
            return Err(Error::usage("--docker-server: the address is missing")
                .hint("without the flag it is the Docker Hub's"));
        }
        let email = self.docker_email.text();
        self.flags.create(Some(secret_type::DOCKER_CONFIG_JSON), || {
            let mut values = Values::default();
            let config = docker_config::made(&self.docker_server, user, &password.value()?, email)?;
            values.add(KEY, config)?;
            Ok(values)
        })
    }
}
