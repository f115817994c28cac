# What `make test` needs, but for what comes from Debian's packages: the kernel of `make e2e` and the desktops of
# `make desktop`, for which it takes apt beside this shell.
pkgs:
pkgs.mkShell {
  packages = [
    pkgs.dpkg # unpacks that kernel
    pkgs.gcc
    pkgs.git
    pkgs.glibc.static # make bench: C programs to compare with
    pkgs.gnumake
    pkgs.go
    pkgs.gopls
    pkgs.nixfmt-tree
    pkgs.python3
    pkgs.qemu
    pkgs.shellcheck
    pkgs.systemd # systemd-analyze
    pkgs.xz
  ];
  env.CGO_ENABLED = "0";
}
