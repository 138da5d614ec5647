//! A vendor that misbehaves on cue: a real HTTP server on loopback whose every answer a script decides.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode};
use axum::serve::ListenerExt;
use common::clock::{Clock, UnixMillis};
use common::tasks::Tasks;
use futures_util::stream::{self, StreamExt};
use tokio::net::TcpListener;
use url::Url;

/// Most of a request's body that the server reads.
const REQUEST_BYTES_MAX: usize = 1_024 * 1_024;

/// What happens to one request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// A complete answer, right or wrong.
    Answer(Answer),
    /// Silence.
    Hang,
    /// The head and the first byte, then silence.
    SlowBody,
    /// The head at most, then the connection is reset.
    Reset,
}

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Answer {
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::from_static(b"ok") }
    }

    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "so that scripts read `header(name, 7)`")]
    pub fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

impl From<Answer> for Fault {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// By the clock of the test.
    pub at_ms: UnixMillis,
    pub method: Method,
    /// Path and query.
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

type Script = Box<dyn FnMut(&Arrival) -> Fault + Send>;

struct Shared {
    clock: Clock,
    script: Mutex<Script>,
    arrivals: Mutex<Vec<Arrival>>,
}

/// The server; it stops when dropped.
pub struct FaultyServer {
    port: u16,
    shared: Arc<Shared>,
    tasks: Tasks,
}

impl FaultyServer {
    /// Listens on a free loopback port; `script` decides what happens to each request in the order of arrival.
    ///
    /// # Errors
    /// If no loopback port can be had.
    pub async fn start(clock: &Clock, script: impl FnMut(&Arrival) -> Fault + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        // Closing sends a reset at once, so that a broken answer looks broken.
        let listener = listener.tap_io(|stream| {
            let _unimportant = stream.set_nodelay(true);
            let _unimportant = stream.set_zero_linger();
        });
        let script: Script = Box::new(script);
        let shared = Arc::new(Shared { clock: clock.clone(), script: Mutex::new(script), arrivals: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let tasks = Tasks::new();
        let stopping = tasks.stopping().clone();
        tasks.spawn(async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopping.cancelled_owned());
            if let Err(error) = serving.await {
                unreachable!("axum's accept loop does not end with an error: {error}");
            }
        });
        Ok(Self { port, shared, tasks })
    }

    /// Plays the answers in order, then the last one for ever.
    ///
    /// # Errors
    /// If no loopback port can be had.
    pub async fn play(clock: &Clock, faults: impl IntoIterator<Item = Fault>) -> io::Result<Self> {
        let mut rest: VecDeque<Fault> = faults.into_iter().collect();
        Self::start(clock, move |_| match rest.len() {
            0 => Answer::new(200).into(),
            1 => rest.front().cloned().unwrap_or(Fault::Hang),
            _ => rest.pop_front().unwrap_or(Fault::Hang),
        })
        .await
    }

    /// `127.0.0.1:port`, as the egress guard's settings want it.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// An address on this server.
    #[must_use]
    #[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "a test's own literal path")]
    pub fn url(&self, target: &str) -> Url {
        format!("http://{}{target}", self.authority()).parse().expect("a path that begins with `/`")
    }

    /// Every request so far, in the order of arrival.
    #[must_use]
    pub fn arrivals(&self) -> Vec<Arrival> {
        lock(&self.shared.arrivals).clone()
    }

    /// How many requests have arrived.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.shared.arrivals).len()
    }
}

impl fmt::Debug for FaultyServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FaultyServer").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Drop for FaultyServer {
    fn drop(&mut self) {
        self.tasks.stopping().cancel();
    }
}

/// The most arrivals in any half-open span of `window_ms`.
#[must_use]
pub fn most_in_any_window(arrivals: &[Arrival], window_ms: i64) -> usize {
    let mut window = VecDeque::new();
    let mut most = 0;
    for arrival in arrivals {
        window.push_back(arrival.at_ms);
        while window.front().is_some_and(|first| arrival.at_ms - first >= window_ms) {
            window.pop_front();
        }
        most = most.max(window.len());
    }
    most
}

/// A vendor that keeps its own books as GoHighLevel does: a sliding window, rate headers on every answer, 429 beyond.
#[derive(Debug)]
pub struct RatedVendor {
    requests_max: usize,
    window_ms: i64,
    served: VecDeque<UnixMillis>,
    refused: Arc<Mutex<usize>>,
}

impl RatedVendor {
    #[must_use]
    pub fn new(requests_max: usize, window_ms: i64) -> Self {
        Self { requests_max, window_ms, served: VecDeque::new(), refused: Arc::default() }
    }

    /// A counter of the 429s.
    #[must_use]
    pub fn refused(&self) -> Arc<Mutex<usize>> {
        Arc::clone(&self.refused)
    }

    pub fn answer(&mut self, arrival: &Arrival) -> Answer {
        while self.served.front().is_some_and(|first| arrival.at_ms - first >= self.window_ms) {
            self.served.pop_front();
        }
        let has_room = self.served.len() < self.requests_max;
        if has_room {
            self.served.push_back(arrival.at_ms);
        } else {
            *lock(&self.refused) += 1;
        }
        Answer::new(if has_room { 200 } else { 429 })
            .header("x-ratelimit-max", self.requests_max)
            .header("x-ratelimit-interval-milliseconds", self.window_ms)
            .header("x-ratelimit-remaining", self.requests_max.saturating_sub(self.served.len()))
            .header("x-ratelimit-daily-remaining", 100_000)
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, REQUEST_BYTES_MAX).await.unwrap_or_default();
    let target = head.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let at_ms = shared.clock.now_ms();
    let arrival = Arrival { at_ms, method: head.method, target, headers: head.headers, body };
    let fault = lock(&shared.script)(&arrival);
    lock(&shared.arrivals).push(arrival);
    match fault {
        Fault::Answer(answer) => complete(answer),
        Fault::Hang => std::future::pending().await,
        Fault::SlowBody => partial(stream::pending().boxed()),
        Fault::Reset => partial(stream::once(async { Err(io::Error::other("reset on cue")) }).boxed()),
    }
}

fn complete(answer: Answer) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::IM_A_TEAPOT);
    for (name, value) in answer.headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn partial(rest: stream::BoxStream<'static, io::Result<Bytes>>) -> Response<Body> {
    let first = stream::once(async { Ok(Bytes::from_static(b"{")) });
    Response::new(Body::from_stream(first.chain(rest)))
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
