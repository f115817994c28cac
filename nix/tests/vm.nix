# A NixOS machine with services.toshy: keys are typed on the keyboard that the machine really has, the kernel passes
# them to toshy, and a shell on the console gets what toshy typed. First the daemon with the agent of the user at the
# console, then toshy in one process.
{ pkgs, self }:
pkgs.testers.runNixOSTest {
  name = "toshy";

  nodes =
    let
      common = {
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
    in
    {
      machine = common;
      single = {
        imports = [ common ];
        services.toshy.mode = "user";
      };
    };

  testScript = ''
    def user(name, command):
        return f"systemctl --user --machine={name}@.host {command}"

    def at_console(node):
        # A console is no desktop, so that nothing starts the user's unit here: that a desktop wants it is another test.
        node.wait_for_unit("multi-user.target")
        node.wait_until_succeeds("pgrep -u alice bash")
        node.wait_until_succeeds(user("alice", "is-system-running --wait || true"))
        node.succeed("test -z \"$(id -nG alice | tr ' ' '\\n' | grep -x -e input -e uinput -e toshy-input)\"")

    def only_alice(node, unit):
        node.succeed("loginctl enable-linger bob")
        node.wait_until_succeeds(user("bob", "is-system-running --wait || true"))
        node.succeed(user("bob", f"start {unit}"))
        node.fail(user("bob", f"is-active {unit}"))

    def types(node, keys, result):
        node.send_chars(f"touch /tmp/{keys}\n")
        node.wait_for_file(f"/tmp/{result}")

    machine.start()
    at_console(machine)

    with subtest("the daemon runs as a user of its own, and is closed"):
        machine.wait_for_unit("toshy-daemon.service")
        machine.succeed("test $(stat -c %U /proc/$(systemctl show -P MainPID toshy-daemon)) = toshy-daemon")
        machine.succeed("systemd-analyze security --threshold=6 toshy-daemon.service")

    with subtest("without an agent, nothing is remapped"):
        types(machine, "qaq", "qaq")

    with subtest("with the agent of who sits there, it is"):
        machine.succeed(user("alice", "start toshy-agent.service"))
        machine.succeed(user("alice", "is-active toshy-agent.service"))
        machine.wait_until_succeeds("ls -l /proc/$(systemctl show -P MainPID toshy-daemon)/fd | grep -q /dev/input/event")
        types(machine, "qbq", "wbw")

    with subtest("her programs cannot read the keyboards"):
        machine.fail("su alice -c 'head -c1 /dev/uinput'")
        machine.fail("su alice -c 'for f in /dev/input/event*; do test -r $f && exit 0; done; exit 1'")

    with subtest("a reload reads the configuration again, and keeps the process"):
        pid = machine.succeed("systemctl show -P MainPID toshy-daemon")
        machine.succeed("systemctl reload toshy-daemon.service")
        types(machine, "qcq", "wcw")
        assert pid == machine.succeed("systemctl show -P MainPID toshy-daemon")

    with subtest("a daemon that is killed comes back, and so does the agent to it"):
        machine.succeed("systemctl kill -s KILL toshy-daemon.service")
        machine.wait_until_succeeds(f"test $(systemctl show -P MainPID toshy-daemon) -gt 0 -a $(systemctl show -P MainPID toshy-daemon) != {pid.strip()}")
        machine.wait_until_succeeds("ls -l /proc/$(systemctl show -P MainPID toshy-daemon)/fd | grep -q /dev/input/event")
        types(machine, "qdq", "wdw")

    with subtest("a user who is not named gets no agent"):
        only_alice(machine, "toshy-agent.service")

    with subtest("without it, keys are what they were"):
        machine.succeed("systemctl stop toshy-daemon.service")
        types(machine, "qeq", "qeq")
    machine.shutdown()

    single.start()
    at_console(single)

    with subtest("in one process: who sits at the machine gets the keyboards, and no group does it"):
        single.wait_until_succeeds("getfacl /dev/uinput | grep -q '^user:alice:rw-'")
        single.fail("systemctl cat toshy-daemon.service | grep -q overrides.conf")

    with subtest("in one process: what is typed is remapped"):
        single.succeed(user("alice", "start toshy.service"))
        single.succeed(user("alice", "is-active toshy.service"))
        types(single, "qfq", "wfw")

    with subtest("in one process: a reload reads the configuration again"):
        single.succeed(user("alice", "reload toshy.service"))
        types(single, "qgq", "wgw")

    with subtest("in one process: without it, keys are what they were"):
        single.succeed(user("alice", "stop toshy.service"))
        types(single, "qhq", "qhq")

    with subtest("in one process: a user who is not named gets no toshy"):
        only_alice(single, "toshy.service")
  '';
}
