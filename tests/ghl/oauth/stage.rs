//! A data folder, an emulator whose time can be moved, and the real program to log in with.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use common::auth::{Caller, Role};
use common::bootstrap::{self, Foundation};
use common::clock::Clock;
use common::db::{DatabaseSettings, Db};
use common::secrets::SecretName;
use common::server::McpServer;
use common::tasks::Tasks;
use common::tenant::TenantId;
use common::tool::{Call, Dispatch, DispatchSettings, Surface, result_of};
use mcp_ghl::oauth::OAuthSettings;
use mcp_ghl::sandbox::{DEMO_APP, LimitSettings, Sandbox, SandboxSettings};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::binary;
use tests::http::{Answer, exchange};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::bench::NOW_MS;

/// How long the program may take for anything.
const LIMIT: Duration = Duration::from_secs(20);

pub(super) struct Stage {
    pub(super) emulator: SocketAddr,
    /// The emulator's: its tokens end when it is moved.
    pub(super) clock: Clock,
    pub(super) data: TempDir,
    settings: TempDir,
    database: DatabaseSettings,
    _tasks: Tasks,
}

impl Stage {
    pub(super) async fn new() -> Self {
        Self::on(DatabaseSettings::default()).await
    }

    /// With the processes' state in this database.
    pub(super) async fn on(database: DatabaseSettings) -> Self {
        let (settings, data, tasks) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Tasks::new());
        let clock = Clock::manual(NOW_MS);
        let db = Db::open(&DatabaseSettings::default(), &settings.path().join("sandbox.db")).await.unwrap();
        let limits = LimitSettings { requests_per_window: 100_000, ..LimitSettings::default() };
        let sandbox = SandboxSettings { test_levers: true, limits, ..SandboxSettings::default() };
        let router = Sandbox::new(db, clock.clone(), sandbox).router();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let emulator = listener.local_addr().unwrap();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let stage = Self { emulator, clock, data, settings, database, _tasks: tasks };
        let key = stage.key_file();
        std::fs::write(&key, [7; 32]).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        stage.configure("");
        stage
    }

    fn key_file(&self) -> PathBuf {
        self.settings.path().join("key")
    }

    /// Writes the settings file, with `more` lines under `[ghl.oauth]` or in sections of their own.
    pub(super) fn configure(&self, more: &str) {
        let database = self.database.url.as_ref().map(|url| format!("[database]\nurl = \"{}\"\n", url.expose_secret()));
        let text = format!(
            "[secrets]\nkey = \"file:{}\"\n[http]\negress_allow = [\"127.0.0.1\"]\n{}[ghl]\nbase_url = \"http://{}\"\n\
             [ghl.oauth]\nclient_id = \"{}\"\nclient_secret = \"{}\"\n\
             authorize_url = \"http://{}/v2/oauth/chooselocation\"\n{more}\n",
            self.key_file().display(),
            database.unwrap_or_default(),
            self.emulator,
            DEMO_APP.client_id,
            DEMO_APP.client_secret,
            self.emulator,
        );
        std::fs::write(self.settings_file(), text).unwrap();
    }

    pub(super) fn settings_file(&self) -> PathBuf {
        self.settings.path().join("settings.toml")
    }

    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary::path("mcp-ghl"));
        command.args(words).arg("--data-dir").arg(self.data.path()).arg("--config").arg(self.settings_file());
        command.env_clear().env("HOME", self.data.path()).stdin(Stdio::null()).kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end; returns whether it succeeded and all that it said.
    pub(super) async fn run(&self, words: &[&str]) -> (bool, String) {
        let output = tokio::time::timeout(LIMIT, self.command(words).output()).await.expect("it ends").unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    /// Starts `login` and waits for its address.
    pub(super) async fn begin_login(&self) -> Attempt {
        self.begin_login_for("local").await
    }

    pub(super) async fn begin_login_for(&self, tenant: &str) -> Attempt {
        let words = ["login", "--no-browser", "--port", "0", "--tenant", tenant];
        let mut child = self.command(&words).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = String::new();
        let page = loop {
            let line = tokio::time::timeout(LIMIT, lines.next_line()).await.expect("it says where to go").unwrap();
            let Some(line) = line else {
                child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
                panic!("it ended early: {said}");
            };
            said.push_str(&line);
            said.push('\n');
            if let Ok(page) = line.trim().parse::<Url>() {
                break page;
            }
        };
        Attempt { child, lines, said, page }
    }

    /// Logs in to the agency, or to a location by its id; returns what the program said.
    pub(super) async fn log_in(&self, choice: &str) -> String {
        let attempt = self.begin_login().await;
        let redirect = attempt.choose(choice).await;
        assert_eq!(get(&redirect).await.status, 200);
        let (is_success, said) = attempt.end().await;
        assert!(is_success, "{said}");
        said
    }

    /// The server in this process, over the same data folder, as another process would be.
    pub(super) fn server(&self) -> Session {
        self.server_at(Clock::system())
    }

    pub(super) fn server_at(&self, clock: Clock) -> Session {
        let mut settings = bootstrap::Settings { database: self.database.clone(), ..bootstrap::Settings::default() };
        settings.http.egress_allow = vec!["127.0.0.1".to_owned()];
        settings.secrets.key = format!("file:{}", self.key_file().display()).parse().unwrap();
        let foundation =
            Foundation::lay_for(&[mcp_ghl::SERVER], &settings, self.data.path().to_owned(), clock).unwrap();
        let oauth = OAuthSettings {
            client_id: Some(DEMO_APP.client_id.to_owned()),
            client_secret: Some(DEMO_APP.client_secret.into()),
            ..OAuthSettings::default()
        };
        let base_url = format!("http://{}", self.emulator);
        let settings = mcp_ghl::Settings { base_url, oauth, ..mcp_ghl::Settings::default() };
        let server = mcp_ghl::build(&foundation, settings, None).unwrap();
        let dispatch = foundation.dispatch(DispatchSettings::default());
        Session { server, dispatch, foundation }
    }

    /// `METHOD target status` of every request that reached the emulator.
    pub(super) async fn requests(&self) -> Vec<String> {
        let log = exchange(self.emulator, "GET", "/__sandbox/requests", &[], "").await.json();
        let line = |line: &Value| {
            let path = line["target"].as_str().unwrap().split('?').next().unwrap();
            format!("{} {path} {}", line["method"].as_str().unwrap(), line["status"])
        };
        log.as_array().unwrap().iter().map(line).collect()
    }

    /// How often the emulator was asked so.
    pub(super) async fn count(&self, beginning: &str) -> usize {
        self.requests().await.iter().filter(|line| line.starts_with(beginning)).count()
    }

    pub(super) async fn order_fault(&self, order: Value) {
        let headers = [("content-type", "application/json")];
        let answer = exchange(self.emulator, "POST", "/__sandbox/faults", &headers, &order.to_string()).await;
        assert_eq!(answer.status, 204);
    }

    /// All access tokens end.
    pub(super) fn end_access(&self) {
        self.clock.advance(Duration::from_hours(25));
    }
}

/// A login that waits for its answer.
pub(super) struct Attempt {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: String,
    pub(super) page: Url,
}

impl Attempt {
    /// Follows the page to the choice; returns where the browser is sent then.
    pub(super) async fn choose(&self, choice: &str) -> Url {
        let page = get(&self.page).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let link =
            links.map(|link| link.replace("&amp;", "&")).find(|link| link.ends_with(&format!("choice={choice}")));
        let answer = get(&self.page.join(&link.expect("the choice")).unwrap()).await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        answer.header("location").unwrap().parse().unwrap()
    }

    /// Where the answer is to go.
    pub(super) fn redirect_uri(&self) -> Url {
        let pairs = self.page.query_pairs();
        let (_, uri) = pairs.into_iter().find(|(name, _)| name == "redirect_uri").unwrap();
        uri.parse().unwrap()
    }

    /// Waits for the end; returns whether it succeeded and all that was said.
    pub(super) async fn end(mut self) -> (bool, String) {
        let ending = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                self.said.push_str(&line);
                self.said.push('\n');
            }
            self.child.stderr.take().unwrap().read_to_string(&mut self.said).await.unwrap();
            self.child.wait().await.unwrap()
        };
        let status = tokio::time::timeout(LIMIT, ending).await.expect("it ends");
        (status.success(), self.said)
    }
}

/// What a browser does, without following anything.
pub(super) async fn get(url: &Url) -> Answer {
    let address = format!("127.0.0.1:{}", url.port().unwrap()).parse().unwrap();
    let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    exchange(address, "GET", &target, &[], "").await
}

pub(super) struct Session {
    server: McpServer,
    dispatch: Dispatch,
    pub(super) foundation: Foundation,
}

impl Session {
    /// A call that succeeds.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let result = self.run(tool, arguments).await;
        assert_ne!(result["isError"], json!(true), "{tool}: {result:#}");
        result["structuredContent"].clone()
    }

    /// A call that fails; returns its error.
    pub(super) async fn refused(&self, tool: &str, arguments: Value) -> Value {
        let result = self.run(tool, arguments).await;
        assert_eq!(result["isError"], json!(true), "{tool}: {result:#}");
        result["structuredContent"]["error"].clone()
    }

    async fn run(&self, tool: &str, arguments: Value) -> Value {
        let caller = Caller::local("tester", TenantId::local(), Role::Admin);
        let call = Call::new(caller, CancellationToken::new(), LIMIT);
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let done = self.dispatch.run(&self.server.tools, &Surface::whole(), &call, tool, arguments).await.unwrap();
        serde_json::to_value(result_of(done)).unwrap()
    }

    /// A stored login, in clear.
    pub(super) async fn stored(&self, name: &str) -> Value {
        let name: SecretName = name.parse().unwrap();
        let stored = self.foundation.secrets.get(&TenantId::local(), &name).await.unwrap().expect("the login");
        serde_json::from_str(stored.value.expose_secret()).unwrap()
    }
}
