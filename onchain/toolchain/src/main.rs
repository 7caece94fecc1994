//! The linker that rustc calls for the programs: LLVM links and optimises the bitcode (`bpf-linker`), then the object is
//! laid out as an sBPF shared object (`sbpf-linker`). The published `sbpf-linker` binary wants an LLVM that Debian does
//! not have; the two libraries work with LLVM 22, so this calls them.

use std::{ffi::CString, fs, path::PathBuf};

use anyhow::{Context, Result, bail};
use bpf_linker::{Cpu, Linker, LinkerInput, LinkerOptions, OptLevel, OutputType};
use clap::Parser;
use sbpf_linker::{OptimizationConfig, ProgramOptions, SbpfArch, SbpfLinkerError, link_program};

/// Stack frame of sBPF v0, in bytes.
const STACK_FRAME: i32 = 4096;

/// What rustc passes to a linker of flavour `bpf`.
#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    target: Option<CString>,
    #[arg(long, default_value = "v2")]
    cpu: Cpu,
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    cpu_features: CString,
    #[arg(short, long)]
    output: PathBuf,
    #[arg(short = 'L', number_of_values = 1)]
    _libraries: Vec<PathBuf>,
    #[arg(short = 'O', default_value = "2")]
    optimize: Vec<String>,
    #[arg(long)]
    export_symbols: Option<PathBuf>,
    #[arg(long, value_delimiter = ',')]
    export: Vec<String>,
    #[arg(long, value_delimiter = ',')]
    llvm_args: Vec<CString>,
    #[arg(long = "debug")]
    _debug: bool,
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
}

fn level(text: &str) -> Result<OptLevel> {
    Ok(match text {
        "0" => OptLevel::No,
        "1" => OptLevel::Less,
        "2" => OptLevel::Default,
        "3" => OptLevel::Aggressive,
        "s" => OptLevel::Size,
        "z" => OptLevel::SizeMin,
        other => bail!("optimisation level {other} is none of 0, 1, 2, 3, s, z"),
    })
}

fn main() -> Result<()> {
    // LLVM's diagnostics reach us as log events; without this an error would have no text.
    tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::WARN).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse_from(std::env::args().map(|a| if a == "-flavor" { "--flavor".into() } else { a }));
    let mut linker = Linker::new(LinkerOptions {
        target: arguments.target,
        cpu: arguments.cpu,
        cpu_features: arguments.cpu_features,
        optimize: level(arguments.optimize.last().context("no optimisation level")?)?,
        unroll_loops: false,
        ignore_inline_never: false,
        llvm_args: arguments.llvm_args,
        disable_expand_memcpy_in_order: true,
        disable_memory_builtins: false,
        btf: false,
        allow_bpf_trap: false,
    });
    let symbols = arguments.export_symbols.map(fs::read_to_string).transpose()?.unwrap_or_default();
    let exports = symbols.lines().chain(arguments.export.iter().map(String::as_str));
    let inputs = arguments.inputs.iter().map(|path| LinkerInput::new_from_file(path.as_path()));
    linker.link_to_file(inputs, &arguments.output, OutputType::Object, exports)?;
    if linker.has_errors() {
        bail!("LLVM reported errors");
    }
    let object = fs::read(&arguments.output)?;
    let options = ProgramOptions::new(OptimizationConfig::enabled(), SbpfArch::V0, STACK_FRAME);
    let program = link_program(&object, options).map_err(|e| anyhow::anyhow!("{}", SbpfLinkerError::format_errors(&e)))?;
    fs::write(&arguments.output, program)?;
    Ok(())
}
