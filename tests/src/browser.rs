//! A real Chromium for the tests of pages.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use std::sync::Arc;
use std::sync::Mutex as Plain;
use std::time::Duration;

use chromiumoxide::browser::{Browser, BrowserConfig};
use chromiumoxide::cdp::browser_protocol::network::{EnableParams, EventRequestWillBeSent};
use chromiumoxide::cdp::browser_protocol::page::CaptureScreenshotFormat;
use chromiumoxide::cdp::js_protocol::runtime::{ConsoleApiCalledType, EventConsoleApiCalled, EventExceptionThrown};
use chromiumoxide::page::{Page, ScreenshotParams};
use futures_util::StreamExt;
use serde_json::Value;

/// One tab of a Chromium of its own, with what it asked for and complained of.
pub struct Tab {
    /// The page.
    pub page: Page,
    browser: Browser,
    /// Addresses that it asked for.
    pub requests: Arc<Plain<Vec<String>>>,
    /// Errors and warnings of its console.
    pub complaints: Arc<Plain<Vec<String>>>,
    _data: tempfile::TempDir,
}

/// Debian's Chromium, or none; then it says so.
#[must_use]
pub fn chromium() -> Option<&'static str> {
    let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .find(|path| std::path::Path::new(path).exists());
    assert!(
        found.is_some() || std::env::var_os("RSU_REQUIRE_CHROMIUM").is_none(),
        "RSU_REQUIRE_CHROMIUM is set and there is none"
    );
    if found.is_none() {
        crate::skipped("no Chromium");
    }
    found
}

impl Tab {
    /// Opens `url` in a window of this size.
    pub async fn open(chromium: &str, url: &str, (width, height): (u32, u32)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = BrowserConfig::builder()
            .chrome_executable(chromium)
            .no_sandbox()
            .new_headless_mode()
            .user_data_dir(data.path())
            .window_size(width, height)
            .viewport(chromiumoxide::handler::viewport::Viewport { width, height, ..Default::default() })
            .launch_timeout(Duration::from_secs(60))
            .args([
                "disable-gpu",
                "disable-quic",
                "no-first-run",
                "disable-background-networking",
                "disable-component-update",
                "disable-sync",
            ])
            .build()
            .unwrap();
        let (browser, mut handler) = Browser::launch(config).await.expect("Chromium starts");
        tokio::spawn(async move { while handler.next().await.is_some() {} });
        let page = browser.new_page("about:blank").await.unwrap();
        page.execute(EnableParams::default()).await.unwrap();
        let (requests, complaints) = (Arc::<Plain<Vec<_>>>::default(), Arc::<Plain<Vec<_>>>::default());
        let mut sent = page.event_listener::<EventRequestWillBeSent>().await.unwrap();
        let list = requests.clone();
        tokio::spawn(async move {
            while let Some(event) = sent.next().await {
                list.lock().unwrap().push(event.request.url.clone());
            }
        });
        let mut said = page.event_listener::<EventConsoleApiCalled>().await.unwrap();
        let list = complaints.clone();
        tokio::spawn(async move {
            while let Some(event) = said.next().await {
                if matches!(event.r#type, ConsoleApiCalledType::Error | ConsoleApiCalledType::Warning) {
                    list.lock().unwrap().push(format!("{:?}", event.args));
                }
            }
        });
        let mut thrown = page.event_listener::<EventExceptionThrown>().await.unwrap();
        let list = complaints.clone();
        tokio::spawn(async move {
            while let Some(event) = thrown.next().await {
                list.lock().unwrap().push(format!("{:?}", event.exception_details));
            }
        });
        page.goto(url).await.expect("the page loads");
        Self { page, browser, requests, complaints, _data: data }
    }

    /// Runs an async function body in the page and takes what it returns.
    pub async fn ask(&self, body: &str) -> Value {
        let text = format!("(async () => {{ {WAIT} {body} }})()");
        self.page.evaluate(text).await.expect("the script runs").into_value().expect("JSON")
    }

    /// Keeps a picture of it.
    pub async fn keep(&self, name: &str) {
        let params = ScreenshotParams::builder().format(CaptureScreenshotFormat::Png).build();
        self.page.save_screenshot(params, crate::screens().join(name)).await.unwrap();
    }

    /// Closes it.
    pub async fn close(mut self) {
        let _ = self.browser.close().await;
        let _ = self.browser.wait().await;
    }
}

/// `until(f)` looks at every frame until `f()` is true, and gives the page's own time then; null after 20 s.
const WAIT: &str = "const until = (f) => new Promise((ok) => { const end = performance.now() + 20000;
    const look = () => { let v = null; try { v = f(); } catch {} if (v) ok(performance.now()); else if (performance.now() > end) ok(null); else setTimeout(look, 20); }; look(); });";
