//! The image that the Dockerfile starts from, made from Debian's packages.
//!
//! It has the name of the one that Docker would pull, so that the same Dockerfile is built. The Rust toolchain is not
//! in it: the one of this machine is mounted.

use std::process::Command;

use anyhow::{Context, Result};

use super::tools::{DEBIAN, buildah, cargo_home};
use crate::job;
use crate::progress::Step;
use crate::scratch::Scratch;

const NAME: &str = "rust:1.95.0-bookworm";
/// What the image of that name has beside Rust and is needed here.
const PACKAGES: &str = "ca-certificates,g++,gcc,libc6-dev,make,perl,pkg-config,zlib1g-dev";
/// Where the toolchain is mounted.
pub(super) const TOOLCHAIN: &str = "/usr/local/rust";

/// Makes the image if there is none.
pub(super) fn ensure() -> Result<()> {
    if job::output(buildah().args(["inspect", "--type", "image", NAME]), "buildah inspect").is_ok() {
        return Ok(());
    }
    let step = Step::begin(format!("making {NAME} from Debian's packages (a minute, once)"));
    let scratch = Scratch::new("base-image")?;
    let archive = scratch.join("root.tar");
    let mut mmdebstrap = Command::new("mmdebstrap");
    mmdebstrap.args(["--variant=minbase", &format!("--include={PACKAGES}"), DEBIAN]).arg(&archive);
    job::run_silently(&mut mmdebstrap, "mmdebstrap", &scratch.join("log"))
        .context("mmdebstrap needs the sources of Debian packages of this machine")?;
    let container = job::output(buildah().args(["from", "scratch"]), "buildah from")?;
    let container = container.trim();
    job::output(buildah().args(["add", "--quiet", container]).arg(&archive).arg("/"), "buildah add")?;
    let path = format!("PATH={TOOLCHAIN}/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    // The same folder as here, which is mounted: cargo takes a package from elsewhere for another one.
    let home = format!("CARGO_HOME={}", cargo_home()?.display());
    job::output(buildah().args(["config", "--env", &path, "--env", &home, container]), "buildah config")?;
    job::output(buildah().args(["commit", "--quiet", "--rm", container, NAME]), "buildah commit")?;
    step.done();
    Ok(())
}
