//! A Secret sealed into a SealedSecret that is there: its items are added or replaced, its labels,
//! annotations and scope are the file's business.

use std::path::Path;

use sealwright_api::annotations::{CLUSTER_WIDE, NAMESPACE_WIDE};
use sealwright_api::{Scope, SealedSecret};
use sealwright_sealing::{OpenSecret, seal, set_scope};
use serde_json::{Map, Value};

use super::secret::{opened, seal_error};
use crate::args::Args;
use crate::certificate;
use crate::error::{Error, Result, say};
use crate::manifest::{self, Document};
use crate::namespace::Namespaces;
use crate::object::{at, path, scope_of};
use crate::output::Output;
use crate::sealed_file::{Place, SealedFile};
use crate::yaml::Step;

pub(crate) fn run(args: &Args, output: &Output) -> Result<()> {
    let mut file = SealedFile::read(args.merge_into.path().unwrap_or(Path::new("")))?;
    if let Some(file) = output.file() {
        say(format_args!("note: {} is not written: --merge-into changes its file", file.display()));
    }
    let mut documents = manifest::read_secrets(args.secret_file.path())?;
    let document = documents.pop().filter(|_| documents.is_empty()).ok_or_else(|| {
        Error::new("--merge-into takes one Secret, and the input holds several")
            .hint("run kubeseal once for each")
    })?;
    let place = document.place.clone();
    let mut secret = opened(document, args)?;
    let (at, into) = target(file.sealed_secrets()?, &secret)?;
    if !into.value["spec"]["data"].is_null() {
        return Err(Error::new(format!("{}: items cannot stand beside spec.data", into.place))
            .hint("the file has the deprecated form: recover it and seal it anew"));
    }
    let namespace = placed(&mut secret, &into, args)?;
    check_scope(&secret, &into, args)?;
    secret.metadata.namespace = namespace;
    set_scope(&mut secret.metadata, scope_of(&into.value));

    let key = certificate::to_seal_with(&args.cert, &args.cluster)?;
    let sealed = seal(&secret, &key).map_err(|error| seal_error(&place, &error))?;
    for (path, value) in additions(&sealed, &into.value) {
        file.set(at, path, value);
    }
    file.write(output)
}

/// The SealedSecret that is meant: the only one, else the one of the Secret's name.
fn target(mut found: Vec<(Place, Document)>, secret: &OpenSecret) -> Result<(Place, Document)> {
    if found.len() > 1 {
        let name = secret.metadata.name.as_deref().unwrap_or_default();
        found.retain(|(_, document)| document.value["metadata"]["name"] == name);
    }
    let last = found.pop().filter(|_| found.is_empty());
    last.ok_or_else(|| {
        Error::new("the file of --merge-into holds several SealedSecrets, and it is not clear which is meant")
            .hint("name the Secret as the SealedSecret is named")
    })
}

/// Gives the Secret the name of the SealedSecret, and returns its namespace or what else would be.
fn placed(secret: &mut OpenSecret, into: &Document, args: &Args) -> Result<Option<String>> {
    let text = |field: &str| into.value["metadata"][field].as_str().filter(|text| !text.is_empty());
    let name = text("name").ok_or_else(|| {
        Error::new(format!("{}: metadata.name is missing", into.place)).hint("name it")
    })?;
    secret.metadata.name = Some(name.to_owned());
    if let Some(namespace) = text("namespace") {
        return Ok(Some(namespace.to_owned()));
    }
    if scope_of(&into.value) == Scope::ClusterWide {
        return Ok(None);
    }
    Namespaces::new(&args.namespace, &args.cluster).place(&mut secret.metadata)?;
    Ok(secret.metadata.namespace.clone())
}

/// What is in the file was sealed in its scope: items of another could not stand beside it.
fn check_scope(secret: &OpenSecret, into: &Document, args: &Args) -> Result<()> {
    let scope = scope_of(&into.value);
    args.say_if_wider(&into.place, scope);
    let of_flag = args.wider_scope();
    let of_secret = Scope::of(secret.metadata.annotations.as_ref());
    let wanted = of_flag.or(Some(of_secret).filter(|scope| *scope != Scope::Strict));
    match wanted {
        Some(wanted) if wanted != scope => Err(Error::new(format!(
            "{} is sealed {scope}, and the input asks for {wanted}",
            into.place
        ))
        .hint("leave the scope out: the file's counts; or seal a new file in the other scope")),
        _ => Ok(()),
    }
}

/// What goes into the file: items, and the template's labels and annotations but for the scope's.
fn additions(sealed: &SealedSecret, into: &Value) -> Vec<(Vec<Step>, Value)> {
    let items =
        sealed.spec.encrypted_data.iter().map(|(item, value)| {
            (path(["spec", "encryptedData", item]), Value::from(value.clone()))
        });
    let metadata = sealed.spec.template.as_ref().and_then(|template| template.metadata.clone());
    let metadata = metadata.unwrap_or_default();
    let of_template = ["labels", "annotations"].into_iter().flat_map(|field| {
        let entries = metadata.get(field).and_then(Value::as_object).cloned();
        let entries = entries.unwrap_or_else(Map::new).into_iter();
        entries
            .map(move |(name, value)| (path(["spec", "template", "metadata", field, &name]), value))
    });
    let scopes = [CLUSTER_WIDE, NAMESPACE_WIDE].map(|name| Step::Key(name.to_owned()));
    let is_scope = |path: &[Step]| path.last().is_some_and(|step| scopes.contains(step));
    let added = items.chain(of_template.filter(|(path, _)| !is_scope(path)));
    added.filter(|(path, value)| at(into, path) != Some(value)).collect()
}
