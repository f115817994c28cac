# What `make lint`, `unit`, `nix-check`, `packages` and `bench` need, also on NixOS. The desktops of `make desktop`, the
# kernel of `make e2e` and the machine of `make systemd` are Debian's packages, so these need Debian.
pkgs:
pkgs.mkShell {
  packages = [
    pkgs.bash
    pkgs.dpkg # unpacks that kernel
    pkgs.gcc
    pkgs.git
    pkgs.glibc.static # make bench: C programs to compare with
    pkgs.gnumake
    pkgs.go
    pkgs.gopls
    pkgs.nix
    pkgs.nixfmt-tree
    pkgs.patchelf
    pkgs.python3
    pkgs.qemu
    pkgs.rpm
    pkgs.shellcheck
    pkgs.systemd # systemd-analyze
    pkgs.util-linux # unshare, taskset
    pkgs.xz
  ];
  env.CGO_ENABLED = "0";
}
