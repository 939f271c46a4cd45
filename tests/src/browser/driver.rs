//! chromedriver: one process a browser, spoken to in the WebDriver protocol, which is JSON over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The name of an element's id in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A chromedriver process and its one session. Dropped, both end.
#[derive(Debug)]
pub(super) struct Driver {
    child: Child,
    port: u16,
    session: String,
    client: Client,
}

/// An error in the protocol's words, such as `no such element`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) error: String,
    pub(super) message: String,
}

impl Driver {
    /// Starts the process and a session with these Chromium options.
    pub(super) async fn start(options: Value) -> Self {
        let (child, port) = tokio::task::spawn_blocking(start_process).await.expect("chromedriver starts");
        let mut driver = Self { child, port, session: String::new(), client: Client::new() };
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let created = driver.request(Method::POST, "/session", Some(capabilities)).await.expect("a browser session");
        driver.session = created["sessionId"].as_str().expect("a session id").to_owned();
        driver
    }

    /// Sends a command of the session and gives its value.
    pub(super) async fn command(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Refusal> {
        self.request(method, &format!("/session/{}{path}", self.session), body).await
    }

    /// Finds all elements that fit the selector now.
    pub(super) async fn find_all(&self, css: &str) -> Vec<String> {
        let body = json!({"using": "css selector", "value": css});
        let found = self.command(Method::POST, "/elements", Some(body)).await.unwrap_or_default();
        let found = found.as_array().map(Vec::as_slice).unwrap_or_default();
        found.iter().filter_map(|element| element[ELEMENT].as_str().map(str::to_owned)).collect()
    }

    async fn request(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Refusal> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let mut request = self.client.request(method.clone(), url);
        if method == Method::POST {
            request = request.json(&body.unwrap_or_else(|| json!({})));
        }
        let answer = request.send().await.expect("chromedriver answers");
        let mut answer: Value = answer.json().await.expect("chromedriver answers in JSON");
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(Refusal {
                error: error.to_owned(),
                message: value["message"].as_str().unwrap_or_default().lines().next().unwrap_or_default().to_owned(),
            }),
            None => Ok(value),
        }
    }

    /// Ends the session without async: the runtime may be ending. What fails here is a courtesy only.
    fn end_session(&self) {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return };
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.session, self.port
        );
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read(&mut [0; 256]);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end_session();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start_process() -> (Child, u16) {
    let mut command = Command::new("chromedriver");
    command.args(["--port=0", "--log-level=SEVERE"]).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("chromedriver is installed (cargo xtask test installs it)");
    let stdout = child.stdout.take().expect("its output is piped");
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    // Whatever else it prints must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (child, port.expect("chromedriver names its port"))
}
