//! The least that works: under the rendered rights everything does, and each verb that is withdrawn is
//! missed. Which verbs there are is read from what is rendered; what is tried for each, from
//! `rights.yaml`.

mod installed;
mod proxier;
mod tried;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use harness::{Cluster, Context, Error, Result, eventually};
use serde::Deserialize;

use crate::helm::{HERE, Helm};
use installed::{Granted, Installed, Mode};
use tried::Trial;

const LIMIT: Duration = Duration::from_secs(60);
/// Controllers at the same time.
const AT_ONCE: usize = 4;

/// What is tried for a verb, and what the controller says without it.
#[derive(Clone, Deserialize)]
struct Expected {
    r#try: Trial,
    seen: Vec<String>,
    /// Whether something slower stands in for it.
    #[serde(default)]
    slower: bool,
}

/// By role, and by resource and verb.
type Table = BTreeMap<String, BTreeMap<String, Expected>>;

#[tokio::test]
async fn everywhere_each_verb_is_needed() -> Result<()> {
    each_verb_is_needed(Mode::Everywhere).await
}

#[tokio::test]
async fn beside_additional_namespaces_each_verb_is_needed() -> Result<()> {
    each_verb_is_needed(Mode::Additional).await
}

#[tokio::test]
async fn in_namespaces_each_verb_is_needed() -> Result<()> {
    each_verb_is_needed(Mode::Namespaced).await
}

#[test]
fn the_table_lists_the_verbs_that_are_granted_and_no_others() -> Result<()> {
    let helm = Helm::find()?;
    let mut granted = BTreeSet::new();
    for mode in [Mode::Everywhere, Mode::Additional, Mode::Namespaced] {
        granted
            .extend(mode.granted(&helm)?.into_iter().map(|granted| (granted.role, granted.verb)));
    }
    let table = table()?;
    let listed = table
        .iter()
        .flat_map(|(role, verbs)| verbs.keys().map(move |verb| (role.clone(), verb.clone())));
    assert_eq!(listed.collect::<BTreeSet<_>>(), granted);
    Ok(())
}

async fn each_verb_is_needed(mode: Mode) -> Result<()> {
    let (helm, table) = (Helm::find()?, table()?);
    let cluster = Cluster::connect().await?;
    let verbs = mode.to_try(&helm)?.into_iter().map(|granted| {
        let expected = table.get(&granted.role).and_then(|verbs| verbs.get(&granted.verb));
        expected.cloned().map(|expected| (granted.clone(), expected)).ok_or_else(|| {
            Error::new(format!("nothing is tried for {} of {}", granted.verb, granted.role))
        })
    });
    let verbs = verbs.collect::<Result<Vec<_>>>()?;
    let trials: BTreeSet<_> = verbs.iter().map(|(_, expected)| expected.r#try).collect();
    let (helm, cluster) = (&helm, &cluster);
    let with_all = stream::iter(trials).map(Ok);
    let with_all = with_all.try_for_each_concurrent(AT_ONCE, |trial| async move {
        works(&Installed::new(cluster, helm, mode, None).await?, trial).await
    });
    with_all.await?;
    let without = stream::iter(verbs).map(Ok);
    let without = without.try_for_each_concurrent(AT_ONCE, |(granted, expected)| async move {
        is_missed(cluster, helm, mode, &granted, &expected).await
    });
    without.await
}

/// With all rights, what is tried comes about.
async fn works(installed: &Installed, trial: Trial) -> Result<()> {
    let what = format!("{trial:?} works in {:?}", installed.mode);
    let attempt = trial.begin(installed).await.context(|| what.clone())?;
    eventually(&what, LIMIT, async || attempt.has_come_about().await)
        .await
        .map_err(|error| attempt.with_log(error))
}

/// Without one, the controller says what it cannot do, and it has not come about.
async fn is_missed(
    cluster: &Cluster,
    helm: &Helm,
    mode: Mode,
    granted: &Granted,
    expected: &Expected,
) -> Result<()> {
    let what = format!("{} of {} is missed in {mode:?}", granted.verb, granted.role);
    let installed = Installed::new(cluster, helm, mode, Some(granted)).await?;
    let seen = expected.seen.iter().map(|words| words.replace("PLACE", installed.place()));
    let seen: Vec<_> = seen.collect();
    let is_said = |said: &str| seen.iter().any(|words| said.contains(words));
    let attempt = match expected.r#try.begin(&installed).await {
        Ok(attempt) => attempt,
        // It may not even start, and says why.
        Err(error) if is_said(&format!("{error:#}")) => return Ok(()),
        Err(error) => return Err(error).context(|| what),
    };
    let shown = eventually(&what, LIMIT, async || {
        let log = attempt.log();
        if seen.is_empty() { attempt.is_ready().await } else { is_said(&log).then_some(()) }
    });
    shown.await.map_err(|error| attempt.with_log(error))?;
    match attempt.has_come_about().await {
        Err(_) => Ok(()),
        Ok(()) if expected.slower => Ok(()),
        Ok(()) => Err(attempt.with_log(Error::new(format!("nothing is missing: {what}")))),
    }
}

fn table() -> Result<Table> {
    let file = Path::new(HERE).join("rights.yaml");
    let text = std::fs::read_to_string(&file).context(|| "no rights.yaml")?;
    serde_saphyr::from_str(&text).context(|| "rights.yaml is not understood")
}
