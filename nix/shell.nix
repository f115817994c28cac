# What `make lint unit` needs, and the machine of `make e2e`. That takes its kernel from Debian's packages, so
# that it needs apt beside this shell.
pkgs:
pkgs.mkShell {
  packages = [
    pkgs.gcc
    pkgs.glibc.static # make bench: C programs to compare with
    pkgs.gnumake
    pkgs.go
    pkgs.gopls
    pkgs.nixfmt-tree
    pkgs.qemu
    pkgs.shellcheck
    pkgs.xz
  ];
  env.CGO_ENABLED = "0";
}
