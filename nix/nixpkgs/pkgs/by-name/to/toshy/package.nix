{
  lib,
  stdenv,
  buildGoModule,
  fetchFromGitHub,
  gnome-shell,
  installShellFiles,
  nix-update-script,
  versionCheckHook,
}:

buildGoModule (finalAttrs: {
  pname = "toshy";
  version = "0.2.0";

  src = fetchFromGitHub {
    owner = "OWNER";
    repo = "toshy";
    tag = "v${finalAttrs.version}";
    hash = lib.fakeHash;
  };

  vendorHash = "sha256-dhjsAS3uQPoOxqtyo2gg6glhyR8iPv9vgrlBYUKC4uI=";

  subPackages = [
    "cmd/toshy"
    "cmd/toshy-tray"
    "cmd/toshy-ui"
  ];

  env.CGO_ENABLED = 0;

  ldflags = [
    "-s"
    "-w"
    "-X runtime.godebugDefault=disablethp=1,clobberfree=1"
  ];

  nativeBuildInputs = [ installShellFiles ];

  # All packages have tests, not only those with a program.
  checkPhase = ''
    runHook preCheck
    # Tests find their files by the paths from the compiler.
    export GOFLAGS=''${GOFLAGS//-trimpath/} HOME=$TMPDIR
    go test ./...
    runHook postCheck
  '';

  postInstall = ''
    bash systemd/install.sh $out

    export HOME=$TMPDIR
    GOOS=$(go env GOHOSTOS) GOARCH=$(go env GOHOSTARCH) go build -tags man -o generate ./cmd/toshy
    ./generate man man
    installManPage man/*
    ./generate gnome-extension-files $out/share --shell ${lib.versions.major gnome-shell.version}
    installShellCompletion --cmd toshy \
      --bash <(./generate completion bash) \
      --zsh <(./generate completion zsh) \
      --fish <(./generate completion fish)
  '';

  doInstallCheck = stdenv.buildPlatform.canExecute stdenv.hostPlatform;
  nativeInstallCheckInputs = [ versionCheckHook ];

  passthru.updateScript = nix-update-script { };

  meta = {
    description = "Keyboard remapper with Mac-like shortcuts in every application";
    homepage = "https://github.com/OWNER/toshy";
    changelog = "https://github.com/OWNER/toshy/blob/v${finalAttrs.version}/CHANGELOG.md";
    license = lib.licenses.gpl3Plus;
    mainProgram = "toshy";
    maintainers = [ ];
    platforms = lib.platforms.linux;
  };
})
