// Uploading data: by the button or dropped anywhere on the page, with its progress.
import { announce, toast } from "./console.js";

const $ = (selector) => document.querySelector(selector);

function upload(file) {
  const form = new FormData();
  form.append("file", file);
  const request = new XMLHttpRequest();
  const progress = $("#upload-progress");
  progress.hidden = false;
  progress.value = 0;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = (100 * event.loaded) / event.total;
  });
  request.addEventListener("load", () => {
    progress.hidden = true;
    if (request.status !== 200) {
      toast(request.responseText || `The server refused the file (${request.status}).`);
      return;
    }
    const old = $("#data-files");
    old.insertAdjacentHTML("afterend", request.responseText);
    old.remove();
    htmx.process($("#data-files"));
    $("#begin").disabled = false;
    announce(`${file.name} is uploaded`);
    htmx.trigger(document.body, "otium:preview");
  });
  request.addEventListener("error", () => {
    progress.hidden = true;
    toast("The file did not arrive: the server does not answer, or takes none of this size.");
  });
  request.open("POST", "/train/files");
  request.send(form);
}

document.addEventListener("change", (event) => {
  if (event.target.id === "upload" && event.target.files.length > 0) upload(event.target.files[0]);
});

for (const kind of ["dragover", "dragenter"]) {
  document.addEventListener(kind, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
}
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) document.body.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  document.body.classList.remove("dropping");
  if (event.dataTransfer.files.length === 0) return;
  event.preventDefault();
  upload(event.dataTransfer.files[0]);
});
