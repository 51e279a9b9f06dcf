//! Alertmanager, which tells one receiver of each alert by itself, at once.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use crate::http;
use crate::scratch::Scratch;
use crate::service::Service;

/// Starts it; it sends its notifications to the web hook.
pub(super) fn start(web_hook: &str, scratch: &Scratch) -> Result<Service> {
    let folder = scratch.join("alertmanager");
    fs::create_dir_all(&folder)?;
    let file = folder.join("alertmanager.json");
    // JSON is YAML.
    let configuration = json!({
        "route": {
            "receiver": "here", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s", "repeat_interval": "4h",
        },
        "receivers": [{"name": "here", "webhook_configs": [{"url": web_hook, "send_resolved": true}]}],
    });
    fs::write(&file, configuration.to_string()).with_context(|| format!("cannot write {}", file.display()))?;

    let port = http::free_port(0)?;
    let mut command = Command::new("prometheus-alertmanager");
    command.arg("--config.file").arg(&file).arg("--storage.path").arg(folder.join("data"));
    command.arg(format!("--web.listen-address=127.0.0.1:{port}")).arg("--cluster.listen-address=");
    Service::start_other("alertmanager", command, port, "/-/ready", scratch)
}
