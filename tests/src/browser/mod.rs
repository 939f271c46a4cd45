//! Chromium, driven through chromedriver: what a person at the dashboard sees and does.
//!
//! Each [`Browser`] has a driver, a profile and a window of its own, and takes all of them along when dropped. Every step
//! looks again until what it wants is there, at most [`crate::patience`]; a failure tells what the page said instead.

mod axe;
mod driver;

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

pub use axe::Finding;
use driver::Driver;

const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];

/// How long to wait before looking again.
const GLANCE: Duration = Duration::from_millis(40);

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// As for most people.
    Allowed,
    /// As before the wasm has loaded, for ever.
    Blocked,
}

/// A browser with one window.
#[derive(Debug)]
pub struct Browser {
    driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// Starts one, 1280 by 900 pixels, in the light theme.
    ///
    /// # Panics
    /// When Chromium or its driver is not installed or does not start.
    pub async fn start() -> Self {
        Self::start_with(Scripts::Allowed).await
    }

    /// Starts one in which scripts are allowed or not.
    ///
    /// # Panics
    /// When Chromium or its driver is not installed or does not start.
    pub async fn start_with(scripts: Scripts) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut flags = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let mut options = json!({"args": flags});
        if scripts == Scripts::Blocked {
            options["prefs"] = json!({"profile.managed_default_content_settings.javascript": 2});
        }
        Self { driver: Driver::start(options).await, _profile: profile }
    }

    /// Goes to an address of the dashboard and waits until its page has come alive: it listens for news.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn open_alive(&self, url: &str) {
        self.open(url).await;
        self.wait_until_alive().await;
    }

    /// Waits until this page of the dashboard has come alive: it listens for news.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn wait_until_alive(&self) {
        self.wait_for("html[data-live]").await;
    }

    /// Goes to an address and waits until the page has loaded.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn open(&self, url: &str) {
        self.post("/url", json!({"url": url})).await;
    }

    /// Where it is now, without scheme and host.
    ///
    /// # Panics
    /// When the browser is gone.
    pub async fn path(&self) -> String {
        let url = self.driver.command(Method::GET, "/url", None).await.expect("an address");
        let url = url.as_str().and_then(|url| reqwest::Url::parse(url).ok());
        url.map_or_else(String::new, |url| url.path().to_owned())
    }

    /// Waits until the address ends up at this path.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn wait_for_path(&self, fits: impl Fn(&str) -> bool) -> String {
        self.look("the address", async || Some(self.path().await).filter(|path| fits(path))).await
    }

    /// Waits for an element.
    ///
    /// # Panics
    /// When it does not appear in time; the page's text is told.
    pub async fn wait_for(&self, css: &str) {
        self.find(css).await;
    }

    /// Waits until no such element is left.
    ///
    /// # Panics
    /// When one stays; the page's text is told.
    pub async fn wait_until_gone(&self, css: &str) {
        self.look(&format!("the end of {css}"), async || (!self.has(css).await).then_some(())).await;
    }

    /// Whether there is such an element now.
    pub async fn has(&self, css: &str) -> bool {
        !self.driver.find_all(css).await.is_empty()
    }

    /// How many such elements there are now.
    pub async fn count(&self, css: &str) -> usize {
        self.driver.find_all(css).await.len()
    }

    /// Waits until an element's visible text contains `part`, and gives the whole text.
    ///
    /// # Panics
    /// When it does not in time; the page's text is told.
    pub async fn wait_for_text(&self, css: &str, part: &str) -> String {
        let find = async || self.texts(css).await.into_iter().find(|text| text.contains(part));
        self.look(&format!("{part:?} in {css}"), find).await
    }

    /// The visible texts of all such elements now.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.driver.find_all(css).await {
            // An element that is replaced while we look at it has no text any more.
            let text = self.driver.command(Method::GET, &format!("/element/{element}/text"), None).await;
            texts.extend(text.ok().and_then(|text| text.as_str().map(str::to_owned)));
        }
        texts
    }

    /// The visible text of the whole page.
    pub async fn page_text(&self) -> String {
        self.texts("body").await.join("\n")
    }

    /// Waits for an element and clicks it.
    ///
    /// # Panics
    /// When it cannot be clicked in time.
    pub async fn click(&self, css: &str) {
        self.act(css, "click", json!({})).await;
    }

    /// Waits for a field and types into it, instead of what it holds.
    ///
    /// # Panics
    /// When it takes no text in time.
    pub async fn fill(&self, css: &str, text: &str) {
        self.act(css, "clear", json!({})).await;
        self.type_into(css, text).await;
    }

    /// Waits for an element and types into it; keys such as Tab are written as WebDriver's private characters.
    ///
    /// # Panics
    /// When it takes no text in time.
    pub async fn type_into(&self, css: &str, text: &str) {
        self.act(css, "value", json!({"text": text})).await;
    }

    /// Presses a key where the focus is: a character, or `Enter`.
    ///
    /// # Panics
    /// When the browser is gone.
    pub async fn press(&self, key: &str) {
        let (text, code) = match key {
            "Enter" => ("\r", 13),
            "Escape" => ("", 27),
            key => (key, 0),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({"type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code});
            self.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Chooses the option with this value in a `select`.
    ///
    /// # Panics
    /// When it is not there in time.
    pub async fn choose(&self, css: &str, value: &str) {
        self.click(&format!("{css} option[value=\"{value}\"]")).await;
    }

    /// Runs a script in the page and gives what it returns.
    ///
    /// # Panics
    /// When it throws.
    pub async fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// Runs a script in the page that calls its last argument with what it comes to, and gives that.
    ///
    /// # Panics
    /// When it throws, or does not call it in time.
    pub async fn script_async(&self, script: &str) -> Value {
        self.post("/execute/async", json!({"script": script, "args": []})).await
    }

    /// Gives the page this width and height in pixels.
    ///
    /// # Panics
    /// When the browser is gone.
    pub async fn resize(&self, width: u32, height: u32) {
        // The window itself has a least width; the page's is set apart from it.
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Prefers `dark` or `light`.
    ///
    /// # Panics
    /// When the browser is gone.
    pub async fn prefer(&self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// A command of the developer tools' protocol.
    ///
    /// # Panics
    /// When it fails.
    pub async fn devtools(&self, command: &str, params: Value) -> Value {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": params})).await
    }

    /// What pages wrote to the console since the last call, the browser's own complaints among it.
    ///
    /// # Panics
    /// When the browser is gone.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.post("/se/log", json!({"type": "browser"})).await;
        let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
        entries.iter().map(|entry| format!("{}: {}", entry["level"], entry["message"])).collect()
    }

    /// Saves a picture of the window.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn screenshot(&self, path: &Path) {
        let picture = self.driver.command(Method::GET, "/screenshot", None).await.expect("a picture");
        let picture = base64::engine::general_purpose::STANDARD.decode(picture.as_str().unwrap_or_default());
        let written = std::fs::write(path, picture.expect("a picture in base64"));
        written.unwrap_or_else(|error| panic!("failed to write {}: {error}", path.display()));
    }

    /// Saves a picture of the window as WebP, which is a fifth of the size.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn picture(&self, path: &Path) {
        let asked = json!({"format": "webp", "quality": 80});
        let picture = self.devtools("Page.captureScreenshot", asked).await;
        let picture = base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap_or_default());
        let written = std::fs::write(path, picture.expect("a picture in base64"));
        written.unwrap_or_else(|error| panic!("failed to write {}: {error}", path.display()));
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let result = self.driver.command(Method::POST, path, Some(body.clone())).await;
        result.unwrap_or_else(|refusal| panic!("{path} {body} failed: {}: {}", refusal.error, refusal.message))
    }

    async fn find(&self, css: &str) -> String {
        self.look(css, async || self.driver.find_all(css).await.into_iter().next()).await
    }

    /// Does something to an element, again until it works: pages move while they come alive.
    async fn act(&self, css: &str, action: &str, body: Value) {
        let what = format!("{css} to take {action:?}");
        self.look(&what, async || {
            let element = self.driver.find_all(css).await.into_iter().next()?;
            let path = format!("/element/{element}/{action}");
            self.driver.command(Method::POST, &path, Some(body.clone())).await.ok().map(drop)
        })
        .await;
    }

    /// Looks until there is something.
    async fn look<T>(&self, what: &str, glance: impl AsyncFn() -> Option<T>) -> T {
        let looking = async {
            loop {
                if let Some(found) = glance().await {
                    return found;
                }
                tokio::time::sleep(GLANCE).await;
            }
        };
        match tokio::time::timeout(crate::patience(), looking).await {
            Ok(found) => found,
            Err(_) => panic!(
                "waited in vain for {what} on {}:\n{}\nThe console says: {:#?}",
                self.path().await,
                self.page_text().await,
                self.console().await
            ),
        }
    }
}
