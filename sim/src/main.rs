//! `rsu-sim`: runs scenarios and the demo.

fn main() -> std::process::ExitCode {
    sim::cli::main()
}
