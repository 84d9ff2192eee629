// Which scenes a wall plays: those of its list (/wall?playlist=reception; without a name the usual one), or the one that its
// address pins (/wall/<scene>). What is not played is neither shown nor fetched.
(function () {
  const playlist = {};
  window.iocPlaylist = playlist;

  playlist.pinned = () => {
    const found = location.pathname.match(/^\/wall\/([^/]+)\/?$/);
    return found ? decodeURIComponent(found[1]) : "";
  };

  const wanted = () => {
    const screen = document.querySelector("[data-screen]");
    return new URLSearchParams(location.search).get("playlist") || (screen && screen.dataset.playlist) || "*";
  };

  playlist.plays = (scene) => {
    if (!scene.classList.contains("scene") || scene.dataset.board === playlist.pinned()) return true;
    const lists = (scene.dataset.playlists ?? "*").split(" ");
    return lists.includes("*") || lists.includes(wanted());
  };

  playlist.scenes = () => [...document.querySelectorAll(".scene")].filter(playlist.plays);
})();
