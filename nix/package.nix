{
  lib,
  stdenv,
  buildGoModule,
  installShellFiles,
  versionCheckHook,
  gnome-shell,
  # The commit, for `toshy version`; null where it is not known.
  revision ? null,
}:
let
  fs = lib.fileset;
in
buildGoModule (finalAttrs: {
  pname = "toshy";
  version = lib.fileContents ../cmd/toshy/VERSION;

  # All that Go and its tests read; not what only Nix or a work tree has.
  src = fs.toSource {
    root = ../.;
    fileset = fs.difference ../. (
      fs.unions [
        ../nix
        ../flake.nix
        ../default.nix
        (fs.maybeMissing ../flake.lock)
        (fs.maybeMissing ../.ci)
        (fs.maybeMissing ../.github)
        (fs.maybeMissing ../.cache)
        (fs.maybeMissing ../toshy)
        (fs.maybeMissing ../result)
      ]
    );
  };

  # Renewed by `make vendor-hash`, compared by `make nix`.
  vendorHash = "sha256-o2qK8qtcv/+3G89eHDikj07wb6EVgga9jbnTbY9h76M=";

  subPackages = [ "cmd/toshy" ]; # the other programs are for tests
  env.CGO_ENABLED = 0;
  ldflags = [
    "-s"
    "-w"
  ]
  ++ lib.optional (revision != null) "-X main.version=${revision}";

  nativeBuildInputs = [ installShellFiles ];

  # Every test that needs nothing but Go, not only those of subPackages.
  checkPhase = ''
    runHook preCheck
    export HOME=$TMPDIR
    go test ./...
    runHook postCheck
  '';

  postInstall = ''
    install -Dm644 systemd/70-toshy.rules -t $out/lib/udev/rules.d
    install -Dm644 systemd/toshy.modules-load.conf $out/lib/modules-load.d/toshy.conf
    install -Dm644 systemd/toshy.quirks $out/share/libinput/30-toshy.quirks
    install -Dm644 systemd/toshy.service -t $out/share/systemd/user
    substituteInPlace $out/share/systemd/user/toshy.service --replace-fail /usr/bin/toshy $out/bin/toshy
  ''
  # Pages and completions come out of the program: one built for another machine does not run here.
  + lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    export HOME=$TMPDIR
    go run -tags man ./cmd/toshy man man
    installManPage man/*
    go run -tags man ./cmd/toshy gnome-extension $out/share --shell ${lib.versions.major gnome-shell.version}
    installShellCompletion --cmd toshy \
      --bash <($out/bin/toshy completion bash) \
      --zsh <($out/bin/toshy completion zsh) \
      --fish <($out/bin/toshy completion fish)
  '';

  doInstallCheck = true;
  nativeInstallCheckInputs = [ versionCheckHook ];
  versionCheckProgramArg = "--version";

  meta = {
    description = "Keyboard remapper with Mac-like shortcuts in every application";
    license = lib.licenses.gpl3Plus;
    mainProgram = "toshy";
    platforms = lib.platforms.linux;
  };
})
