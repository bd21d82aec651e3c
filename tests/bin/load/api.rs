//! What the API server was asked, by its own count. Others ask it too, but little.

use std::collections::BTreeMap;
use std::sync::Mutex;

use harness::Namespace;

/// Resources that the controller works on.
const RESOURCES: [&str; 5] = ["secrets", "sealedsecrets", "events", "leases", "configmaps"];

static MARK: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

/// From here on requests are counted.
pub(crate) async fn mark(namespace: &Namespace) {
    let counts = counts(namespace).await;
    if let Ok(mut mark) = MARK.lock() {
        *mark = counts;
    }
}

/// Requests since the mark: `CREATE secrets`, and how many.
pub(crate) async fn since_mark(namespace: &Namespace) -> Vec<(String, u64)> {
    let now = counts(namespace).await;
    let before = MARK.lock().map(|mark| mark.clone()).unwrap_or_default();
    let more = now.into_iter().map(|(request, count)| {
        let before = before.get(&request).copied().unwrap_or_default();
        (request, count.saturating_sub(before))
    });
    more.filter(|(_, more)| *more > 0).collect()
}

/// Whether it changes a Secret, a SealedSecret or its status.
pub(crate) fn is_write((request, _): &(String, u64)) -> bool {
    let Some((verb, what)) = request.split_once(' ') else { return false };
    !["GET", "LIST", "WATCH"].contains(&verb)
        && ["secrets", "sealedsecrets"].contains(&what.split('/').next().unwrap_or_default())
}

/// `CREATE secrets 2000, …`
pub(crate) fn told(requests: &[(String, u64)]) -> String {
    let told: Vec<_> = requests.iter().map(|(request, more)| format!("{request} {more}")).collect();
    told.join(", ")
}

async fn counts(namespace: &Namespace) -> BTreeMap<String, u64> {
    let request = http::Request::get("/metrics").body(Vec::new());
    let client = namespace.cluster().client();
    let text = match request {
        Ok(request) => client.request_text(request).await.unwrap_or_default(),
        Err(_) => String::new(),
    };
    let mut counts = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("apiserver_request_total{")) {
        let label = |name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=\""))?;
            Some(rest.split('"').next()?.to_owned())
        };
        let (Some(verb), Some(resource)) = (label("verb"), label("resource")) else { continue };
        if !RESOURCES.contains(&resource.as_str()) {
            continue;
        }
        let part = label("subresource").filter(|part| !part.is_empty());
        let what = part.map_or(resource.clone(), |part| format!("{resource}/{part}"));
        let count = line.rsplit(' ').next().and_then(|count| count.parse::<f64>().ok());
        *counts.entry(format!("{verb} {what}")).or_default() += count.unwrap_or_default() as u64;
    }
    counts
}
