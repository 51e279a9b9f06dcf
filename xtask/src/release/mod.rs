//! `cargo xtask release`: raises versions, completes the changelogs, checks what is published, commits and tags.

mod archives;
mod areas;
mod changelog;
mod places;
mod plan;
mod semver;
mod semver_checks;
#[cfg(test)]
mod tests;
mod version;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

pub(crate) use self::archives::build as build_archives;
use self::changelog::Changelog;
use self::plan::{Plan, Wish};
use self::semver::Changes;
use self::version::Bump;
use crate::git::Repository;
use crate::progress::Step;
use crate::public_api::PACKAGES;
use crate::{job, product};

#[derive(Args)]
pub(crate) struct ReleaseArgs {
    /// How the product's version is raised; by default to the next minor version if a migration was added since the
    /// last release, else to the next patch.
    #[arg(long, value_enum)]
    bump: Option<Bump>,
    /// How the version of a published crate is raised, such as voc-events=minor; may be repeated. By default as far as
    /// its changes since the last release require, and not at all without changes.
    #[arg(long = "crate", value_name = "NAME=BUMP", value_parser = plan::wished_crate)]
    crates: Vec<(String, Bump)>,
    /// Do it. Without this flag nothing is changed.
    #[arg(long)]
    execute: bool,
    /// In a dry run, too, compare the published crates with the last release by cargo-semver-checks, which knows more
    /// than the lists of public items. Takes minutes, and the first time five more to compile it.
    #[arg(long)]
    semver_checks: bool,
    /// Then build the archives, as `cargo xtask archives` does. Takes minutes.
    #[arg(long)]
    archives: bool,
    /// Instead of a release, write drafts into the changelogs that say nothing of what is unreleased, from the
    /// subjects of the commits since the last release, to be rewritten for users.
    #[arg(long, conflicts_with_all = ["bump", "crates", "execute", "semver_checks", "archives"])]
    changelog: bool,
}

pub(crate) fn run(args: &ReleaseArgs) -> Result<()> {
    let place = Place { root: product::root(), target_dir: product::target_dir()? };
    if args.changelog {
        return place.draft_changelogs();
    }
    let today = job::output(Command::new("date").args(["-u", "+%Y-%m-%d"]), "date")?;
    let repository = place.repository();
    let plan_with = |further_changes: &BTreeMap<&'static str, Changes>| {
        let wish = Wish { bump: args.bump, crates: &args.crates, date: today.trim(), further_changes };
        Plan::make(&place.root, &repository, &wish)
    };
    let mut plan = plan_with(&BTreeMap::new())?;
    let compares = args.semver_checks || args.execute && plan.problems.is_empty();
    if let Some(last) = plan.last.clone().filter(|_| compares) {
        let further_changes = compare(&repository, &plan, &last)?;
        plan = plan_with(&further_changes)?;
    }
    print_plan(&plan, args, compares);
    if !args.execute {
        place.package(&plan, &["--no-verify", "--allow-dirty"])?;
    }
    refuse(&plan)?;
    if args.execute {
        place.release(&plan)?;
    }
    if args.archives {
        archives::build()?;
    }
    print_rest(&plan, args);
    Ok(())
}

/// The workspace that is released.
struct Place {
    root: PathBuf,
    target_dir: PathBuf,
}

impl Place {
    fn repository(&self) -> Repository {
        Repository::at(&self.root)
    }

    /// Checks that the crates can be published.
    fn package(&self, plan: &Plan, arguments: &[&str]) -> Result<()> {
        if plan.crates().next().is_none() {
            return Ok(());
        }
        let step = Step::begin("packaging the crates");
        let mut cargo = product::cargo();
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target_dir);
        cargo.args(["package", "--quiet", "--locked"]).args(arguments);
        for part in plan.crates() {
            cargo.args(["--package", part.name]);
        }
        job::run(&mut cargo, "cargo package")?;
        step.done();
        Ok(())
    }

    /// Changes the files, checks the packages, commits and tags. If a check fails, the files are as they were.
    fn release(&self, plan: &Plan) -> Result<()> {
        let repository = self.repository();
        let paths: Vec<String> = plan.files.keys().cloned().collect();
        let (subject, tag) = (format!("Version {}", plan.version()), plan.tag());
        let written = self.write(&plan.files).and_then(|()| self.package(plan, &["--allow-dirty"]));
        if let Err(error) = written.and_then(|()| repository.commit(&paths, &subject)) {
            repository.restore(&paths).context("cannot restore the files")?;
            return Err(error.context("not released; the files are as they were"));
        }
        let tagged = repository.tag(&tag, &format!("{subject}\n\n{}\n", plan.section));
        tagged.context("the version is committed, but has no tag; `git reset --hard HEAD~1` takes the commit back")
    }

    fn write(&self, files: &BTreeMap<String, String>) -> Result<()> {
        for (file, text) in files {
            fs::write(self.root.join(file), text).with_context(|| format!("cannot write {file}"))?;
        }
        Ok(())
    }

    fn draft_changelogs(&self) -> Result<()> {
        let repository = self.repository();
        let last =
            repository.last_release()?.context("the first release is summed up by hand: there is no earlier one")?;
        let commits = repository.commits_since(&last)?;
        for name in [places::PRODUCT].into_iter().chain(PACKAGES) {
            let file = plan::changelog(name);
            let text = places::read(&self.root, &file)?;
            let changelog = Changelog::parse(&file, &text)?;
            let folder = if name == places::PRODUCT { String::new() } else { format!("crates/{name}/src/") };
            let of_part = commits.iter().filter(|commit| commit.paths.iter().any(|path| path.starts_with(&folder)));
            let draft = changelog::draft(of_part);
            if changelog.unreleased().is_empty() && !draft.is_empty() {
                self.write(&BTreeMap::from([(file.clone(), changelog.with_draft(&draft))]))?;
                println!("{file}: a draft to be rewritten for users");
            }
        }
        Ok(())
    }
}

/// What cargo-semver-checks says of the crates that are released.
fn compare(repository: &Repository, plan: &Plan, last: &str) -> Result<BTreeMap<&'static str, Changes>> {
    let names: Vec<&'static str> = plan.crates().map(|part| part.name).collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let compared = semver_checks::check(repository, last, &names)?;
    Ok(names.into_iter().zip(compared).filter_map(|(name, changes)| Some((name, changes?))).collect())
}

fn refuse(plan: &Plan) -> Result<()> {
    ensure!(plan.problems.is_empty(), "{} cannot be released:\n- {}", plan.tag(), plan.problems.join("\n- "));
    Ok(())
}

fn print_plan(plan: &Plan, args: &ReleaseArgs, compares: bool) {
    println!(
        "Release {}{}",
        plan.tag(),
        if args.execute { "" } else { " (dry run: nothing is changed without --execute)" }
    );
    for part in &plan.parts {
        println!("  {:<12} {} -> {}  {}", part.name, part.from, part.to, part.reason);
    }
    for name in PACKAGES.iter().filter(|name| !plan.crates().any(|part| part.name == **name)) {
        println!("  {name:<12} not released: it has not changed");
    }
    if plan.last.is_some() && !compares {
        println!(
            "  The public items were compared by their lists only; --execute has them compared by cargo-semver-checks, too."
        );
    }
    println!("\nSteps:");
    println!("  1. write {}", plan.files.keys().cloned().collect::<Vec<_>>().join(", "));
    println!("  2. cargo package, with a build of each package");
    println!("  3. commit \"Version {}\"", plan.version());
    println!("  4. tag {}, with this text:", plan.tag());
    for line in plan.section.lines() {
        println!("{}", format!("       {line}").trim_end());
    }
    if args.archives {
        println!(
            "  5. build the archives{}",
            if args.execute { "" } else { " (of the last commit, with the version it has)" }
        );
    }
    println!();
}

/// What is left to do by hand, because it cannot be taken back.
fn print_rest(plan: &Plan, args: &ReleaseArgs) {
    let tag = plan.tag();
    println!(
        "\nTo do by hand{}, in this order, once `cargo xtask ci` has passed:",
        if args.execute { "" } else { " afterwards" }
    );
    println!("  git push origin main {tag}");
    for part in plan.crates() {
        println!("  cargo publish --locked --package {}", part.name);
    }
    println!("  the images, as in deploy/docker/README.md, and the chart: helm package deploy/helm/voc");
    match args.archives {
        true => println!("  the archives and SHA256SUMS, beside the tag"),
        false => println!("  cargo xtask archives, which belong beside the tag"),
    }
}
