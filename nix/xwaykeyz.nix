# The bare engine with the name and the flags of xwaykeyz, without the Mac-like configuration. It is the same program,
# which depends on the name by which it is called.
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
