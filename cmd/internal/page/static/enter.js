// Keeps the key of the session where only this page can read it, and goes to the page.
sessionStorage.setItem("toshy-key", document.querySelector("meta[name=toshy-key]").content);
location.replace("/");
