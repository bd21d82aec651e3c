//! kubectl asks a program `kubectl_complete-seal` in `PATH` what may follow `kubectl seal`
//! (kubernetes/kubectl, `pkg/cmd/plugin/plugin_completion.go`). It is bash's script, and who runs it.

const HEAD: &str = r"#!/usr/bin/env bash
# kubectl runs this, if it is in PATH as kubectl_complete-seal, for what may follow `kubectl seal`.

";

/// Cobra's protocol: a word a line, and then whether the shell is to offer files (0) or not (4). It knows
/// folders from files, so that these are left to it.
const TAIL: &str = r#"
compopt() { :; }
COMP_WORDS=(kubeseal "$@")
COMP_CWORD=$#
COMPREPLY=()
_kubeseal_words kubeseal "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
for word in "${COMPREPLY[@]}"; do
    if [[ ! -e $word ]]; then
        printf '%s\n' "${COMPREPLY[@]}" :4
        exit
    fi
done
echo :0
"#;

/// That program.
pub(super) fn program(bash: &str) -> String {
    format!("{HEAD}{bash}{TAIL}")
}
