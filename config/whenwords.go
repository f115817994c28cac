package config

// whenOperators are operators from other languages.
var whenOperators = map[string]string{
	"is": "equal is ==", "equals": "equal is ==", "eq": "equal is ==", "ne": "unequal is !=", "like": `a part of a text is found with contains: title contains "vim"`, "has": `a part of a text is found with contains: title contains "vim"`,
	"includes": `a part of a text is found with contains: title contains "vim"`, "match": "write matches", "starts_with": "write startsWith", "startswith": "write startsWith", "ends_with": "write endsWith", "endswith": "write endsWith", "~": "write matches",
}

// whenNames are words that people use instead of the names in conditions.
var whenNames = map[string]string{
	"pressed": `a key that is held is asked for by held: held("A")`, "holding": `a key that is held is asked for by held: held("A")`, "down": `a key that is held is asked for by held: held("A")`,
	"last_key": `the last key is asked for by last: last("Space")`, "previous": `the last key is asked for by last: last("Space")`, "prior_key": `the last key is asked for by last: last("Space")`,
	"class": "the application is app", "wm_class": "the application is app", "window_class": "the application is app", "app_id": "the application is app", "application": "the application is app", "program": "the application is app, its file exe", "process": "the file of the program is exe", "window": "ask for app or title",
	"name": "the title of the window is title, the application app", "window_title": "the title of the window is title", "wm_name": "the title of the window is title", "caption": "the title of the window is title",
	"de": "the desktop is desktop", "environment": "the desktop is desktop", "wm": "the desktop or compositor is desktop", "compositor": "the desktop or compositor is desktop", "os": "the distribution is distro", "hostname": "the name of the machine is host",
	"wayland": `write session == "wayland"`, "x11": `write session == "x11"`, "xorg": `write session == "x11"`, "gnome": `write desktop == "gnome"`, "kde": `write desktop == "kde"`, "plasma": `write desktop == "kde"`, "sway": `write desktop == "sway"`, "hyprland": `write desktop == "hyprland"`,
	"apple": `write keyboard == "apple"`, "windows": `write keyboard == "windows"`, "chromebook": `write keyboard == "chromebook"`, "ibm": `write keyboard == "ibm"`, "keyboard_type": "the type of the keyboard is keyboard",
	"url": "toshy does not see the addresses of pages, but the title of the window: title contains \"GitHub\"", "website": "toshy does not see the addresses of pages, but the title of the window: title contains \"GitHub\"", "domain": "toshy does not see the addresses of pages, but the title of the window: title contains \"GitHub\"",
	"layout": "conditions cannot test the layout: keys are named by their place on a US keyboard, whatever the layout", "language": "conditions cannot test the layout: keys are named by their place on a US keyboard, whatever the layout",
	"user": "a configuration belongs to one user, who needs no condition", "time": "conditions cannot ask for the time", "workspace": "conditions cannot ask for the workspace: ask for app or title",
	"caps": "Caps Lock is capslock", "caps_lock": "Caps Lock is capslock", "num_lock": "Num Lock is numlock", "numpad": "Num Lock is numlock", "true_": "write true", "yes": "write true", "always": "leave when out for a rule that always applies",
}
