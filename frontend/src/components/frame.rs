//! The frame of every page: skip link, top bar with its menu on small screens, rail, and the one `main`.

use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use super::{Icon, icon, keyboard, opened};
use crate::{
    api::{self, ApiError, HealthView, RailChat, RailView, ServiceStatus},
    live::use_live,
    words,
};

/// The frame around `children`.
#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    let live = use_live();
    let rail = Resource::new(move || live.any(), |_| api::rail());
    keyboard::listen();
    opened::listen();
    let navigate = use_navigate();
    let visit = move |event: ev::SubmitEvent| {
        if let Some(address) = asked_for(&event) {
            event.prevent_default();
            navigate(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    view! {
        <a class="skip" href="#main" rel="external">{words::frame::SKIP_TO_THE_PAGE}</a>
        <header class="topbar">
            {wordmark()}
            <details>
                <summary aria-label=words::frame::MENU>{icon(Icon::Menu)}</summary>
                <div class="menu">{navigation(rail)} {services(rail)} {sign_out()}</div>
            </details>
        </header>
        <div class="frame">
            <aside class="rail" aria-label=words::SOUVENIR>
                <div class="stick">{wordmark()} {navigation(rail)} {services(rail)} {foot()}</div>
            </aside>
            <main id="main" tabindex="-1" on:submit=visit on:change=send_at_once>
                <div class="page">{offline_notice(rail)} {children()}</div>
            </main>
        </div>
        {keyboard::help()}
    }
}

/// A choice in a form that only asks is asked for at once; the button is for whoever has no scripts.
fn send_at_once(event: ev::Event) {
    use leptos::wasm_bindgen::JsCast;
    let select = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::Element>().ok());
    let form = select.and_then(|select| {
        select.closest("form.tools[method=get]").ok().flatten().filter(|_| select.tag_name() == "SELECT")
    });
    if let Some(form) = form.and_then(|form| form.dyn_into::<leptos::web_sys::HtmlFormElement>().ok()) {
        let _ = form.request_submit();
    }
}

/// The address that a GET form asks for, unless somebody has taken the form over.
fn asked_for(event: &ev::SubmitEvent) -> Option<String> {
    use leptos::wasm_bindgen::JsCast;
    let form = event.target()?.dyn_into::<leptos::web_sys::HtmlFormElement>().ok()?;
    if event.default_prevented() || form.get_attribute("method").as_deref() != Some("get") {
        return None;
    }
    let fields = leptos::web_sys::FormData::new_with_form(&form).ok()?;
    let fields = leptos::web_sys::UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    let action = form.get_attribute("action")?;
    let path = action.split('#').next().unwrap_or_default();
    Some(format!("{path}?{}", String::from(fields.to_string())))
}

type Rail = Resource<Result<RailView, ApiError>>;

fn wordmark() -> AnyView {
    view! { <a class="wordmark" href="/">{icon(Icon::Card)} {words::SOUVENIR}</a> }.into_any()
}

fn navigation(rail: Rail) -> AnyView {
    let here = use_location().pathname;
    let current = move |path: &'static str| (here.get() == path).then_some("page");
    view! {
        <nav class="nav" aria-label=words::frame::MAIN>
            <a href="/" aria-current=move || current("/")><span>{words::CHATS}</span></a>
            <a href="/usage" aria-current=move || current("/usage")><span>{words::USAGE}</span></a>
            <a href="/imports" aria-current=move || current("/imports")><span>{words::IMPORT}</span></a>
            <a href="/settings" aria-current=move || current("/settings")><span>{words::SETTINGS}</span></a>
        </nav>
        <Transition>
            {move || Suspend::new(async move {
                let chats = rail.await.map(|rail| rail.chats).unwrap_or_default();
                (!chats.is_empty()).then(|| view! {
                    <nav class="nav" aria-label=words::CHATS>
                        <h2>{words::CHATS}</h2>
                        {chats.into_iter().map(chat_link).collect_view()}
                    </nav>
                })
            })}
        </Transition>
    }
    .into_any()
}

fn chat_link(chat: RailChat) -> AnyView {
    let here = use_location().pathname;
    let path = format!("/chats/{}", chat.id);
    let below = format!("{path}/");
    let href = path.clone();
    let current = move || here.with(|here| *here == path || here.starts_with(&below)).then_some("true");
    let waiting = (chat.waiting > 0).then(|| {
        let told = words::to_decide(chat.waiting);
        view! { <span class="n state warn" title=told><span>{words::count_u64(chat.waiting)}</span><span class="vh">{words::frame::TO_DECIDE}</span></span> }
    });
    view! { <a href=href aria-current=current><span>{chat.title}</span>{waiting}</a> }.into_any()
}

fn services(rail: Rail) -> AnyView {
    view! {
        <Transition>
            {move || Suspend::new(async move {
                rail.await.ok().map(|rail| view! { <ul class="health" aria-label=words::frame::SERVICES>{service_list(rail.health)}</ul> })
            })}
        </Transition>
    }
    .into_any()
}

fn service_list(health: HealthView) -> Vec<AnyView> {
    let row = |service: api::ServiceView| {
        let state = match service.status {
            ServiceStatus::Degraded => "state warn",
            ServiceStatus::Ok | ServiceStatus::Off => "well",
        };
        view! { <li><b>{service.name}</b><span class=state title=service.detail.clone()>{service.detail.clone()}</span></li> }
            .into_any()
    };
    health.services.into_iter().map(row).collect()
}

/// At the foot of the rail: signing out, and the keys.
fn foot() -> AnyView {
    view! { <div class="foot">{sign_out()} {keyboard::help_button()}</div> }.into_any()
}

/// A plain form: signing out works without scripts, and leaves nothing of the pages behind.
fn sign_out() -> AnyView {
    view! {
        <form class="signout" method="post" action="/logout">
            <button class="link note" type="submit">{words::frame::SIGN_OUT}</button>
        </form>
    }
    .into_any()
}

/// Said where one starts or talks: no language model answers.
fn offline_notice(rail: Rail) -> AnyView {
    let here = use_location().pathname;
    let shown = move || here.with(|here| here == "/" || here.ends_with("/console"));
    view! {
        <Transition>
            {move || {
                let shown = shown();
                Suspend::new(async move {
                    let offline = rail.await.is_ok_and(|rail| rail.health.offline_model);
                    (offline && shown).then(|| view! {
                        <p class="alert warn offline">
                            <b>{words::frame::NO_LANGUAGE_MODEL}</b>
                            " "{words::frame::OFFLINE_ANSWERS}" "
                            <span class="nowrap">{words::frame::SET_API_KEY}</span>" "{words::frame::OR_SET_BASE_URL}
                        </p>
                    })
                })
            }}
        </Transition>
    }
    .into_any()
}
