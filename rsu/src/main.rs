//! The program `rsu`.

fn main() -> std::process::ExitCode {
    rsu::cli::main()
}
