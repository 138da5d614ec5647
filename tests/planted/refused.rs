//! Settings that are not accepted, with a secret where the mistake is.

use crate::scene::Scene;
use crate::seeds::Seeds;

pub(crate) async fn configurations(scene: &mut Scene, seeds: &mut Seeds, good: &str) {
    let malformed = seeds.plain("in a malformed settings file");
    let unknown = seeds.awkward("under an unknown setting").replace('\\', "\\\\").replace('"', "\\\"");
    let mistyped = seeds.plain("under a setting of another kind");
    let url = seeds.plain("password in a database's URL");
    let variable = seeds.plain("in a variable of the environment");
    for (number, text) in [
        format!("[ghl]\ntoken = {malformed}\n"),
        format!("[[ghl.connections]]\ntenant = 'local'\ntoken = \"{malformed}\n"),
        format!("[ghl.oauth]\nclient_secret = '{malformed}'\nclient_secret = '{malformed}'\n"),
        format!("[ghl.oauth] client_secret = '{malformed}'\n"),
        format!("[ghl]\ntokn = \"{unknown}\"\n"),
        format!("[ghl.oauth]\nclient_secrt = \"{unknown}\"\n"),
        format!("[vault]\npassphrase = \"{unknown}\"\n"),
        format!("[ghl.oauth]\nclient_secret = ['{mistyped}']\n"),
        format!("[ghl]\nconnections = '{mistyped}'\n"),
        format!("ghl = '{mistyped}'\n"),
        format!("[[ghl.connections]]\ntenant = 'local'\ntoken = {{ value = '{mistyped}' }}\n"),
        format!("[[ghl.connections]]\ntenant = '{mistyped} of'\ntoken = 'x'\n"),
        format!("[[ghl.connections]]\ntenant = 'local'\ntoken = 'x'\nlocation_id = '{mistyped}/'\n"),
        format!("[[auth.tokens]]\nsubject = 's'\ntenant = 'local'\nrole = 'admin'\nsha256 = '{mistyped}'\n"),
        format!("[[orchestrator.sources]]\nname = 's'\nkind = '{mistyped}'\n"),
        format!("[[orchestrator.sources]]\nname = 's'\nkind = 'hmac'\nsecret = ['{mistyped}']\n"),
        format!("[[orchestrator.sources]]\nname = 's'\nkind = 'hmac'\nsecrt = '{mistyped}'\n"),
        format!("[[orchestrator.sources]]\nname = 's'\nkind = 'gohighlevel'\nsecret = '{mistyped}'\n"),
        format!("[[orchestrator.sources]]\nname = 's'\nkind = 'standard_webhooks'\nsecret = '{mistyped}%'\n"),
        format!("[secrets]\nkey = '{mistyped}'\n"),
        format!("[log]\nlevel = '{mistyped}'\n"),
        format!("[server]\nport = '{mistyped}'\n"),
        format!("[ghl]\nbase_url = 'http://u:{mistyped}@[oops'\n"),
        format!("[database]\nurl = 'postgres://nobody:{url}@127.0.0.1:1/none'\n"),
        format!("[database]\nurl = 'mysql://nobody:{url}@127.0.0.1:1/none'\n"),
        format!("[database]\nurl = 'postgres://nobody:{url}@[oops/none'\n"),
        format!("[database]\nurl = 'postgres://nobody:{url}@127.0.0.1:1/none?sslmode={url}'\n"),
        format!("[database]\nurl = '{url}'\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let settings = scene.give(&format!("refused-{number}.toml"), &format!("{text}[log]\nlevel = 'trace'\n"));
        // A server starts without its database.
        let serves = text.starts_with("[database]");
        for words in [["doctor"].as_slice(), &["backup", "never.jsonl"], &["http", "--port", "0"]] {
            if serves && words[0] == "http" {
                continue;
            }
            let command = scene.command("luminar", &settings, words);
            let (is_success, said) = scene.run(command, "").await;
            assert!(!is_success, "{text}: {said}");
        }
    }
    // Accepted, and of no use.
    for (number, base_url) in [format!("ftp:{url}"), format!("http://u:{url}@127.0.0.1:1/{url}")].iter().enumerate() {
        let token = "[[ghl.connections]]\ntenant = 'local'\ntoken = 'pit-demo-gym'\n";
        let text = format!("[log]\nlevel = 'trace'\n[ghl]\nbase_url = '{base_url}'\n{token}");
        let settings = scene.give(&format!("useless-{number}.toml"), &text);
        let command = scene.command("luminar", &settings, &["doctor"]);
        scene.run(command, "").await;
    }
    let settings = scene.give("good.toml", good);
    for name in ["GHL__TOKN", "GHL__OAUTH__SCOPES__X", "SECRETS__KEY", "SERVER__PORT", "DATABASE__URL", "VAULT__X"] {
        let mut command = scene.command("luminar", &settings, &["secrets", "set", "x"]);
        command.env(format!("LUMINAR__{name}"), &variable);
        let (is_success, said) = scene.run(command, "value").await;
        assert!(!is_success, "{name}: {said}");
    }
    on_postgres(scene, seeds, good).await;
}

/// Where there is one: a password that works, or does not, in the URL of the database.
#[expect(clippy::disallowed_methods, reason = "tests/run says where PostgreSQL listens")]
async fn on_postgres(scene: &mut Scene, seeds: &mut Seeds, good: &str) {
    let Some(mut url) = std::env::var("LUMINAR_POSTGRES_URL").ok().and_then(|url| url.parse::<url::Url>().ok()) else {
        println!("skipped: a password for PostgreSQL; LUMINAR_POSTGRES_URL is not set");
        return;
    };
    let password = seeds.plain("password in the URL of a real PostgreSQL");
    url.set_password(Some(&password)).unwrap();
    // No database of that name: it fails after the password.
    url.set_path("/there_is_none");
    let settings = scene.give("postgres.toml", &format!("{good}[database]\nurl = '{url}'\n"));
    for words in [["doctor"].as_slice(), &["secrets", "list"], &["backup", "never.jsonl"]] {
        let command = scene.command("luminar", &settings, words);
        let (is_success, said) = scene.run(command, "").await;
        assert!(!is_success, "{said}");
    }
}
