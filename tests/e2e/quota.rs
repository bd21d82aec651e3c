//! A quota that lets no Secret be created: a failure that passes when it is lifted.

use std::time::Duration;

use harness::{Context, Installation, Result, eventually};
use k8s_openapi::api::core::v1::{ResourceQuota, Secret};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(30);

/// A namespace in which no further Secret may be created.
pub(crate) struct Full<'a>(&'a Installation);

impl<'a> Full<'a> {
    pub(crate) async fn of(place: &'a Installation) -> Result<Self> {
        let (none, step) = (json!({ "secrets": "0" }), || "cannot create a quota");
        let quota = json!({ "metadata": { "name": "full" }, "spec": { "hard": none } });
        let quota: ResourceQuota = serde_json::from_value(quota).expect("a quota");
        let quotas = place.namespace.api::<ResourceQuota>();
        quotas.create(&PostParams::default(), &quota).await.context(step)?;
        // The quota controller's part, which does not run here.
        let counted = Patch::Merge(json!({ "status": { "hard": none, "used": none } }));
        quotas.patch_status("full", &PatchParams::default(), &counted).await.context(step)?;
        eventually("the quota counts", LIMIT, async || match Self(place).probe().await {
            Err(kube::Error::Api(status)) if status.code == 403 => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await?;
        Ok(Self(place))
    }

    async fn probe(&self) -> kube::Result<Secret> {
        let probe = json!({ "metadata": { "generateName": "probe-" } });
        let probe = serde_json::from_value(probe).expect("a Secret");
        let dry = PostParams { dry_run: true, ..PostParams::default() };
        self.0.namespace.api::<Secret>().create(&dry, &probe).await
    }

    pub(crate) async fn lift(self) -> Result<()> {
        let quotas = self.0.namespace.api::<ResourceQuota>();
        let deleted = quotas.delete("full", &DeleteParams::default()).await;
        deleted.context(|| "cannot delete the quota").map(drop)
    }
}
