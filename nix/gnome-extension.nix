# The GNOME Shell extension that tells toshy about windows, for the shell in these packages: a shell refuses an
# extension that does not name its version.
{
  lib,
  runCommand,
  gnome-shell,
  toshy,
}:
let
  uuid = "toshy-focus@toshy.org";
  folder = "share/gnome-shell/extensions/${uuid}";
in
runCommand "gnome-shell-extension-toshy-${toshy.version}"
  {
    pname = "gnome-shell-extension-toshy";
    inherit (toshy) version;
    passthru = {
      extensionUuid = uuid;
      extensionPortalSlug = "toshy-focus";
    };
    meta = toshy.meta // {
      description = "Extension of GNOME Shell that tells toshy which window has the focus";
      # Takes precedence over the one in toshy itself, which is for another version of the shell.
      priority = 1;
    };
  }
  ''
    mkdir -p $out/${folder}
    cp -r ${toshy}/${folder}/. $out/${folder}
    chmod -R u+w $out/${folder}
    sed -z -i 's/"shell-version": *\[[^]]*\]/"shell-version": ["${lib.versions.major gnome-shell.version}"]/' $out/${folder}/metadata.json
    grep -q '"shell-version": \["${lib.versions.major gnome-shell.version}"\]' $out/${folder}/metadata.json
  ''
