//! The versions of the control plane and of Helm, read from their go.mod: they are written nowhere else.

use std::path::Path;

use crate::{Context, Error, Result};

/// What go.mod requires, such as `v1.34.4` and `v3.6.4`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Versions {
    pub(super) kubernetes: String,
    pub(super) etcd: String,
}

impl Versions {
    pub(super) fn read(go_mod: &Path) -> Result<Self> {
        Ok(Self {
            kubernetes: of_module(go_mod, "k8s.io/kubernetes")?,
            etcd: of_module(go_mod, "go.etcd.io/etcd/server/v3")?,
        })
    }

    /// Holds the versions, so that an update of go.mod builds anew and going back does not.
    pub(super) fn folder_name(&self) -> String {
        format!("control-plane-{}-etcd-{}", self.kubernetes, self.etcd)
    }

    /// What Kubernetes' own build writes into its programs. Without it the API server calls
    /// itself v0.0.0, and clients complain.
    pub(super) fn linker_flags(&self) -> String {
        let mut numbers = self.kubernetes.trim_start_matches('v').split('.');
        let (major, minor) = (numbers.next().unwrap_or("0"), numbers.next().unwrap_or("0"));
        let set =
            |name: &str, value: &str| format!("-X k8s.io/component-base/version.{name}={value}");
        [
            "-s -w".to_owned(),
            set("gitVersion", &self.kubernetes),
            set("gitMajor", major),
            set("gitMinor", minor),
        ]
        .join(" ")
    }
}

/// The version of a module that a go.mod requires.
pub(super) fn of_module(go_mod: &Path, module: &str) -> Result<String> {
    let name = go_mod.display();
    let text = std::fs::read_to_string(go_mod).context(|| format!("cannot read {name}"))?;
    required(&text, module).ok_or_else(|| Error::new(format!("{name} does not require {module}")))
}

/// The version that a `require` names for `module`, alone on its line or in a block; `replace`
/// and `tool` lines name modules too.
fn required(go_mod: &str, module: &str) -> Option<String> {
    go_mod.lines().find_map(|line| {
        let line = line.split("//").next().unwrap_or_default();
        let mut words = line.split_whitespace().skip_while(|word| *word == "require");
        match (words.next(), words.next(), words.next()) {
            (Some(name), Some(version), None) if name == module && version.starts_with('v') => {
                Some(version.to_owned())
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GO_MOD: &str = "\
tool (
\tgo.etcd.io/etcd/server/v3
\tk8s.io/kubernetes/cmd/kube-apiserver
)
require go.etcd.io/etcd/server/v3 v3.6.4
require (
\tk8s.io/kubernetes-extra v9.9.9 // indirect
\tk8s.io/kubernetes v1.34.4 // indirect
)
replace k8s.io/api => k8s.io/api v0.34.4
";

    #[test]
    fn a_required_version_is_found_alone_and_in_a_block() {
        assert_eq!(required(GO_MOD, "go.etcd.io/etcd/server/v3").as_deref(), Some("v3.6.4"));
        assert_eq!(required(GO_MOD, "k8s.io/kubernetes").as_deref(), Some("v1.34.4"));
    }

    #[test]
    fn a_replaced_a_similar_or_a_missing_module_is_not_required() {
        for module in ["k8s.io/api", "k8s.io/kube", "k8s.io/kubernetes/cmd/kube-apiserver"] {
            assert_eq!(required(GO_MOD, module), None, "{module}");
        }
    }

    #[test]
    fn the_programs_learn_their_version() {
        let versions = Versions { kubernetes: "v1.34.4".into(), etcd: "v3.6.4".into() };
        assert_eq!(versions.folder_name(), "control-plane-v1.34.4-etcd-v3.6.4");
        let flags = versions.linker_flags();
        assert!(flags.contains("version.gitVersion=v1.34.4 "), "{flags}");
        assert!(flags.ends_with("version.gitMinor=34"), "{flags}");
    }

    #[test]
    fn our_own_go_mod_names_both() {
        assert!(Versions::read(&Path::new(super::super::SOURCE).join("go.mod")).is_ok());
    }
}
