# The bare engine under the name and the flags that users of xwaykeyz know, without the Mac-like
# configuration: the same program, which goes by the name that it is called with.
{
  lib,
  runCommand,
  toshy,
}:
runCommand "xwaykeyz-${toshy.version}"
  {
    pname = "xwaykeyz";
    inherit (toshy) version;
    meta = toshy.meta // {
      description = "Keyboard remapper with the engine of toshy and the command line of xwaykeyz";
      mainProgram = "xwaykeyz";
    };
  }
  ''
    mkdir -p $out/bin
    ln -s ${lib.getExe toshy} $out/bin/xwaykeyz
    $out/bin/xwaykeyz --version
  ''
