//! Logging in to the emulator with the real program: with a secret that the vendor refuses, with the right one, and by
//! somebody who brings a code of their own.

use std::path::Path;

use tests::http::{Answer, exchange};
use tokio::process::Child;
use url::Url;

use crate::scene::{ANSWERS, LIMIT, LOGS, OUTPUT, Scene};
use crate::seeds::Seeds;
use crate::vendor::Vendor;

pub(crate) async fn attempts(scene: &mut Scene, seeds: &mut Seeds, vendor: &Vendor, good: &str) {
    let given = scene.path("given");
    let without: Vec<&str> = good.lines().filter(|line| !line.starts_with("client_secret")).collect();
    scene.give("without.toml", &without.join("\n"));
    let refused = seeds.plain("client secret through `--client-secret-stdin`");
    let settings = |name: &str| given.join(name);
    let stdin = ["--tenant", "acme", "--client-secret-stdin"];
    let code = attempt(scene, &settings("without.toml"), &stdin, &refused, Brings::Code).await;
    seeds.known("code of a login that failed", code.expect("a code"));
    assert!(vendor.was_shown(&refused), "it was used");
    vendor.parrot(500);
    vendor.parrot(0);
    let code = attempt(scene, &settings("without.toml"), &stdin, &refused, Brings::ToParrot(vendor)).await;
    seeds.known("code that the vendor repeats", code.expect("a code"));
    let stolen = seeds.plain("code that somebody else brought");
    attempt(scene, &settings("settings.toml"), &[], "", Brings::Forged(&stolen)).await;
    let code = attempt(scene, &settings("settings.toml"), &[], "", Brings::Code).await;
    seeds.known("code of a login", code.expect("a code"));
    assert!(!vendor.minted().is_empty(), "somebody logged in");
}

/// What comes back from the vendor's page.
enum Brings<'a> {
    /// The vendor's code, as it should be.
    Code,
    /// The same, to a vendor that then repeats what it is shown.
    ToParrot(&'a Vendor),
    /// A code of somebody's own.
    Forged(&'a str),
}

/// One login to the agency; the code that the vendor gave.
async fn attempt(
    scene: &mut Scene,
    settings: &Path,
    words: &[&str],
    input: &str,
    brings: Brings<'_>,
) -> Option<String> {
    let words = [&["ghl", "login", "--no-browser", "--port", "0"], words].concat();
    let command = scene.command("luminar", settings, &words);
    let (child, page) = scene.until_line(command, input, |line| line.trim().parse::<Url>().is_ok()).await;
    let page: Url = page.trim().parse().unwrap();
    let redirect = match brings {
        Brings::Code => choose(&page).await,
        Brings::ToParrot(vendor) => {
            let redirect = choose(&page).await;
            vendor.parrot(400);
            redirect
        }
        Brings::Forged(code) => {
            let (_, uri) = page.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap();
            let mut uri: Url = uri.parse().unwrap();
            uri.query_pairs_mut().append_pair("code", code).append_pair("state", "guessed");
            uri
        }
    };
    let shown = get(&redirect).await;
    scene.note(ANSWERS, shown.body);
    end(scene, child).await;
    if let Brings::ToParrot(vendor) = brings {
        vendor.parrot(0);
    }
    redirect.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned())
}

/// Follows the page to the agency; where the browser is sent then.
async fn choose(page: &Url) -> Url {
    let answer = get(page).await;
    let links = answer.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let link = links.map(|link| link.replace("&amp;", "&")).find(|link| link.ends_with("choice=agency"));
    let answer = get(&page.join(&link.expect("the choice")).unwrap()).await;
    answer.header("location").expect("a redirect").parse().unwrap()
}

async fn get(url: &Url) -> Answer {
    let address = format!("127.0.0.1:{}", url.port().unwrap()).parse().unwrap();
    let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    exchange(address, "GET", &target, &[], "").await
}

async fn end(scene: &mut Scene, child: Child) {
    let output = tokio::time::timeout(LIMIT, child.wait_with_output());
    let output = output.await.expect("it ends").unwrap();
    scene.note(OUTPUT, output.stdout);
    scene.note(LOGS, output.stderr);
}
