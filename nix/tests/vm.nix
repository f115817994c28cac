# A NixOS machine with services.toshy: keys are typed on the keyboard that the machine really has, the kernel passes
# them to toshy, which runs in the session of the user at the console, and a shell there gets what toshy typed.
{ pkgs, self }:
pkgs.testers.runNixOSTest {
  name = "toshy";

  nodes.machine = {
    imports = [ self.nixosModules.toshy ];
    users.users.alice.isNormalUser = true;
    users.users.bob.isNormalUser = true;
    services.getty.autologinUser = "alice";
    services.toshy = {
      enable = true;
      extends = "none";
      users = [ "alice" ];
      settings.modmap.test.keys.Q = "W";
    };
  };

  testScript = ''
    def user(name, command):
        return f"systemctl --user --machine={name}@.host {command}"

    # A console is no desktop, so that nothing starts the service here: that it is wanted by one is another test.
    machine.wait_for_unit("multi-user.target")
    machine.wait_until_succeeds("pgrep -u alice bash")
    machine.wait_until_succeeds(user("alice", "is-system-running --wait || true"))

    with subtest("who sits at the machine gets the keyboards, and no group does it"):
        machine.succeed("test -z \"$(id -nG alice | tr ' ' '\\n' | grep -x -e input -e uinput)\"")
        machine.wait_until_succeeds("getfacl /dev/uinput | grep -q '^user:alice:rw-'")

    with subtest("the service starts and says so"):
        machine.succeed(user("alice", "start toshy.service"))
        machine.succeed(user("alice", "is-active toshy.service"))

    with subtest("what is typed is remapped"):
        machine.send_chars("touch /tmp/qqq\n")
        machine.wait_for_file("/tmp/www")

    with subtest("a reload reads the configuration again"):
        machine.succeed(user("alice", "reload toshy.service"))
        machine.send_chars("touch /tmp/qx\n")
        machine.wait_for_file("/tmp/wx")

    with subtest("without it, keys are what they were"):
        machine.succeed(user("alice", "stop toshy.service"))
        machine.send_chars("touch /tmp/qqq\n")
        machine.wait_for_file("/tmp/qqq")

    with subtest("a user who is not named gets no toshy"):
        machine.succeed("loginctl enable-linger bob")
        machine.wait_for_unit("user@1001.service")
        machine.succeed(user("bob", "start toshy.service"))
        machine.fail(user("bob", "is-active toshy.service"))
  '';
}
