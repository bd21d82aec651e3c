//! Every command of the documentation, run page by page, each in a cluster of its own or in two.

use std::pin::Pin;

use harness::{Cluster, Context, Neighbour, Node, Page, Pods, Reader, Result, page};

/// The state of the world before a page.
struct World {
    /// The contexts of the kubeconfig, each a cluster; the current one first.
    contexts: &'static [&'static str],
    /// The folder of the resource definition there, seen from the repository.
    crds: &'static str,
    /// Scripts of `tests/docs`, which the reader does not see.
    before: &'static [&'static str],
}

/// A cluster in which nothing has happened yet.
const EMPTY: World = World { contexts: &["dev"], crds: "charts/sealwright/crds", before: &[] };
/// One with the controller.
const INSTALLED: World = World { before: &["installed.sh"], ..EMPTY };
/// And with a SealedSecret.
const APPLIED: World = World { before: &["installed.sh", "applied.sh"], ..EMPTY };
const NO_CLUSTER: World = World { contexts: &[], ..EMPTY };

/// A test for each page, by its path in `docs`, and what is there before it.
macro_rules! pages {
    ($($name:ident: $path:literal, $world:expr;)*) => {
        $(
            #[tokio::test]
            async fn $name() -> Result<()> {
                read($path, $world).await
            }
        )*
        const PAGES: &[&str] = &[$($path),*];
    };
}

pages! {
    tutorial: "tutorial.md", EMPTY;
    commit_manifests: "how-to/commit-manifests.md", INSTALLED;
    back_up_and_rotate_keys: "how-to/back-up-and-rotate-keys.md", APPLIED;
    seal_in_ci: "how-to/seal-in-ci.md", INSTALLED;
    from_sealed_secrets: "migration/from-sealed-secrets.md",
        World { crds: "tests/crds/older", before: &["from-sealed-secrets.sh"], ..EMPTY };
    back_to_sealed_secrets: "migration/back-to-sealed-secrets.md",
        World { before: &["from-sealed-secrets.sh", "migrated.sh"], ..EMPTY };
    from_plain_secrets: "migration/from-plain-secrets.md",
        World { before: &["installed.sh", "plain.sh"], ..EMPTY };
    from_sops: "migration/from-sops.md",
        World { before: &["installed.sh", "plain.sh"], ..EMPTY };
    backup_and_restore: "operations/backup-and-restore.md", APPLIED;
    rotation: "operations/rotation.md", APPLIED;
    disaster: "operations/disaster.md",
        World { contexts: &["old", "new"], before: &["installed.sh", "applied.sh", "backup.sh"], ..EMPTY };
    moving_clusters: "operations/moving-clusters.md",
        World { contexts: &["old", "new"], ..APPLIED };
    several_clusters: "operations/several-clusters.md",
        World { contexts: &["staging", "production"], before: &["several-clusters.sh"], ..EMPTY };
    doctor: "operations/doctor.md", APPLIED;
    monitoring: "operations/monitoring.md", APPLIED;
    security: "security.md", APPLIED;
    kubeseal: "kubeseal.md", NO_CLUSTER;
    cli: "cli.md", NO_CLUSTER;
    configuration: "configuration.md", INSTALLED;
    scan: "scan.md", NO_CLUSTER;
    wire_format: "wire-format.md", World { before: &["worked-example.sh"], ..NO_CLUSTER };
}

/// Those that have a test of their own.
const ELSEWHERE: [&str; 1] = ["README.md"];

/// How many blocks of a page are not run. Each says why, where it stands.
const NOT_RUN: [(&str, usize); 8] = [
    ("CONTRIBUTING.md", 2),
    ("README.md", 6),
    ("docs/development.md", 6),
    ("docs/migration/back-to-sealed-secrets.md", 1),
    ("docs/migration/from-sealed-secrets.md", 1),
    ("docs/migration/from-sops.md", 2),
    ("docs/operations/monitoring.md", 2),
    ("docs/reference.md", 1),
];

/// A page that is read while nodes work.
type Reading<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

async fn read(path: &str, world: World) -> Result<()> {
    let page = Page::read(&format!("docs/{path}"))?;
    let shared = Cluster::connect().await?;
    let mut clusters = Vec::new();
    for context in world.contexts {
        clusters.push(Neighbour::start(&shared, context, &page::root().join(world.crds)).await?);
    }
    let of_reader: Vec<_> = clusters.iter().map(Neighbour::cluster).collect();
    let repository = page::root().display().to_string();
    let reader = Reader::new(&of_reader)?.with("REPOSITORY", &repository).with("DEPLOY_TOKEN", "t");
    let logs = tempfile::tempdir().context(|| "cannot make a folder for logs")?;
    let mut nodes = Vec::new();
    for (context, cluster) in world.contexts.iter().zip(of_reader) {
        let logs = logs.path().join(context);
        std::fs::create_dir(&logs).context(|| "cannot make a folder for logs")?;
        nodes.push(Node::new(cluster, Pods::of_controllers()?, &logs));
    }
    let read: Reading<'_> = Box::pin(follow(&reader, &page, world.before));
    nodes.iter_mut().fold(read, |read, node| Box::pin(node.beside(read))).await
}

async fn follow(reader: &Reader, page: &Page, before: &[&str]) -> Result<()> {
    for script in before {
        let path = page::root().join("tests/docs").join(script);
        let script = std::fs::read_to_string(&path);
        let script = script.context(|| format!("cannot read {}", path.display()))?;
        reader.runs(&script).await?;
    }
    reader.follows(page).await
}

#[test]
fn every_block_is_run_or_says_why_not() {
    let mut not_run = Vec::new();
    for path in page::all().unwrap() {
        let page = Page::read(&path).unwrap();
        let in_docs = path.strip_prefix("docs/").unwrap_or(&path);
        let has_test = PAGES.contains(&in_docs) || ELSEWHERE.contains(&in_docs);
        let lines: Vec<_> = page.to_run().map(|block| block.line).collect();
        assert!(has_test || lines.is_empty(), "{path}: no test runs the blocks at {lines:?}");
        let left = page.blocks.iter().filter_map(|block| block.not_run.as_deref());
        let left: Vec<_> = left.collect();
        assert!(left.iter().all(|reason| reason.contains(' ')), "{path}: a mark without a reason");
        if !left.is_empty() {
            not_run.push((path, left.len()));
        }
    }
    let counted = NOT_RUN.map(|(path, count)| (path.to_owned(), count));
    assert_eq!(not_run, counted);
}
