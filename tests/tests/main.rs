//! Every test of Souvenir from outside, in one binary.

mod api;
mod assets;
mod bot_api_strict;
mod bot_api_trouble;
mod bot_api_webhook;
mod budget;
mod cli;
mod commands;
mod copies;
mod delivery;
mod faults;
mod figures;
mod logs;
mod maintenance;
mod oddities;
mod offline;
mod pages;
mod power_cuts;
mod replies;
mod security;
mod servers;
mod soak;
mod turn;
mod webhook;
mod window;
mod world;
